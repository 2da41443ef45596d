"""Write `autograd/numpy/elementwise.pyi`, what type checkers and editors read for the table.

python -m tests.autograd.numpy.stub
"""

import inspect
import re
import textwrap
from pathlib import Path

from autograd.numpy import elementwise

PATH = Path(elementwise.__file__).with_suffix(".pyi")


def natural(name):
    """A key that sorts log2 before log10, as ruff does."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def stub():
    """The functions of the table, written out: signature and documentation."""
    names = "".join(f'    "{name}",\n' for name in sorted(elementwise.__all__, key=natural))
    parts = [
        '"""Written by `python -m tests.autograd.numpy.stub` from the table in elementwise.py."""\n',
        f"from typing import Any\n\n__all__ = [\n{names}]\n",
    ]
    for entry in elementwise.TABLE:
        name, *aliases = entry.names.split()
        f = elementwise.FUNCTIONS[name]
        parameters = ", ".join(f"{x}: Any" for x in inspect.signature(f).parameters)
        text = textwrap.indent(f'"""{f.__doc__}"""', "    ", lambda line: line.strip())
        parts.append(f"def {name}({parameters}) -> Any:\n{text}\n")
        parts += [f"{alias} = {name}\n" for alias in aliases]
    return "\n".join(parts)


if __name__ == "__main__":
    PATH.write_text(stub(), encoding="utf-8")
