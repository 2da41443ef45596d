"""Checkpoints by PyTorch itself, and what is in them: run with a Python that has torch 2.13.

    python tests/nn/training/torch_files/make.py

The arrays go into expected.npz, under the name of the file and the path inside.
"""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent


def arrays_in(x, path):
    """(path, array) of every tensor in nested containers; bfloat16 as float32."""
    if isinstance(x, torch.Tensor):
        x = x.detach()
        yield path, (x.float() if x.dtype == torch.bfloat16 else x).numpy()
    elif isinstance(x, dict):
        for key, value in x.items():
            yield from arrays_in(value, f"{path}/{key}")
    elif isinstance(x, (list, tuple)):
        for k, value in enumerate(x):
            yield from arrays_in(value, f"{path}/{k}")


def checkpoints():
    """What is saved, by the name of the file."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.ReLU(), torch.nn.Linear(3, 2)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model(torch.randn(5, 4)).sum().backward()
    optimizer.step()
    base = torch.arange(24.0)
    yield "state", model.state_dict()
    yield "training", {
        "model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "best": 0.25, "name": "Überlauf",
        "flags": [True, None, (1, -2**40)], "shape": torch.Size([2, 3]), "seen": {1, 2},
    }  # fmt: skip
    yield "dtypes", OrderedDict(
        (str(d).removeprefix("torch."), torch.tensor([0, 1, 2, 120]).to(d))
        for d in (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool, torch.uint16, torch.uint32, torch.uint64)
    )  # fmt: skip
    yield "views", {
        "transposed": base.view(4, 6).T, "columns": base.view(4, 6)[:, 1::2], "tail": base[20:], "tied": base, "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3), "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 3), "diagonal": base[:16].view(4, 4).diagonal(),
        "parameter": torch.nn.Parameter(base.view(2, 12)[:, ::3].clone()), "bfloat16": torch.linspace(-3, 3, 12).bfloat16().view(3, 4).T,
    }  # fmt: skip
    yield "tensor", torch.eye(2)


def main():
    expected = {}
    for name, saved in checkpoints():
        torch.save(saved, HERE / f"{name}.pt")
        expected |= dict(arrays_in(saved, name))
    torch.save(dict(checkpoints())["state"], HERE / "protocol5.pt", pickle_protocol=5)
    torch.save({"x": torch.ones(2)}, HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 1), HERE / "model.pt")
    torch.save({"device": torch.device("cpu")}, HERE / "device.pt")
    torch.save({"x": torch.ones(2, dtype=torch.complex64)}, HERE / "complex.pt")
    torch.save({"x": torch.eye(2).to_sparse()}, HERE / "sparse.pt")
    np.savez_compressed(HERE / "expected.npz", **expected)


if __name__ == "__main__":
    main()
