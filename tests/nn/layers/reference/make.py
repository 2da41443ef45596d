"""Make modules.npz and losses.npz with PyTorch: `python tests/nn/layers/reference/make.py`, wherever torch is
installed; `make.py losses` makes one of them.

For each case the file holds the state dictionary before the call, the inputs, the outputs, the gradients of
all parameters and inputs for a random cotangent, and the buffers after the call; in float64. The numbers are
kept because a generator's stream may change from one release to the next.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from cases import MODULES, Case
from loss_cases import LOSSES
from torch import nn
from torch.nn import functional as F


def flat(outputs: object) -> list[torch.Tensor]:
    """The tensors in nested tuples."""
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    return [x for part in outputs for x in flat(part)] if isinstance(outputs, tuple) else []


def arrays(name: str, case: Case, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Everything about one case, by name."""
    module = eval(case.module, {"nn": nn, "torch": torch, "utils": nn.utils}).double()
    module.train(case.training)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.tensor(0.5 * rng.normal(size=tuple(parameter.shape))))
        for key, buffer in module.named_buffers():
            if key.startswith("running"):
                buffer.copy_(torch.from_numpy(rng.uniform(0.5, 1.5, tuple(buffer.shape))))
    found = {
        f"{name}/state/{key}": value.numpy().copy() for key, value in module.state_dict().items()
    }
    inputs = {}
    for key, given in case.inputs.items():
        array = rng.normal(size=given) if isinstance(given, tuple) else given
        found[f"{name}/inputs/{key}"] = array
        inputs[key] = torch.tensor(array, requires_grad=isinstance(given, tuple))
    outputs = flat(eval(case.call, {"module": module, "F": F, "torch": torch, **inputs}))
    total = torch.zeros((), dtype=torch.float64)
    for i, output in enumerate(outputs):
        cotangent = rng.normal(size=tuple(output.shape))
        found[f"{name}/outputs/{i}"] = output.detach().numpy().copy()
        found[f"{name}/cotangents/{i}"] = cotangent
        total = total + (output * torch.from_numpy(cotangent)).sum()
    total.backward()
    for key, tensor in [*module.named_parameters(), *inputs.items()]:
        if tensor.grad is not None:
            found[f"{name}/gradients/{key}"] = tensor.grad.numpy().copy()
    for key, buffer in module.named_buffers():
        if not key.endswith("weight"):
            found[f"{name}/after/{key}"] = buffer.numpy().copy()
    return found


def main(title: str, table: dict[str, Case]) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    found: dict[str, np.ndarray] = {}
    for name, case in table.items():
        try:
            found |= arrays(name, case, rng)
        except Exception as error:
            raise RuntimeError(f"case {name!r}") from error
    path = Path(__file__).with_name(f"{title}.npz")
    np.savez_compressed(path, **found)
    print(f"{len(table)} cases, {path.stat().st_size} bytes, PyTorch {torch.__version__}")


if __name__ == "__main__":
    tables = {"modules": MODULES, "losses": LOSSES}
    for wanted in sys.argv[1:] or tables:
        main(wanted, tables[wanted])
