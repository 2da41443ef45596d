"""What each peer makes of each workload.

A module for each peer, with a function for each workload it can do: from the workload's data to
`step`, one training step (forward, backward, and a step of gradient descent), and `read`, the loss
and the gradients of the step before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Step = Callable[[], Any]
Read = Callable[[], dict[str, Any]]
Built = tuple[Step, Read]
