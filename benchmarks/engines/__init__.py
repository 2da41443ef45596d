"""Each peer's implementation of each workload.

Each peer has a module with a function for each workload it can run. The function takes the
workload's data and returns `step`, one training step (forward, backward, and a step of gradient
descent), and `read`, which returns the loss and the gradients of the last step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Step = Callable[[], Any]
Read = Callable[[], dict[str, Any]]
Built = tuple[Step, Read]
