"""Write recipes.json, PyTorch's values of the cases: python tests/autograd/names/make.py."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.autograd.names.cases import EXTREME, FUNCTIONS, GIVEN, METHODS


def value(expression, other):
    """The value of PyTorch's expression, as nested lists."""
    given = GIVEN | {k: v for k, v in other.items() if not isinstance(v, str)}
    tensors = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in given.items()}
    result = eval(expression, {"torch": torch}, tensors)
    several = isinstance(result, (tuple, list))
    return [r.tolist() for r in result] if several else result.tolist()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    tables = {"functions": FUNCTIONS, "methods": METHODS, "extreme": EXTREME}
    found = {t: {name: value(*case) for name, case in rows.items()} for t, rows in tables.items()}
    text = json.dumps({"PyTorch": torch.__version__} | found, indent=0)
    Path(__file__).with_name("recipes.json").write_text(text + "\n", encoding="utf-8")
