"""Write the tables of docs/from-pytorch.md and docs/from-numpy.md; with `--check`, compare them.

They are the tables of `autograd.names` and `nn.names`, which also serve the error messages, so a
page and a message never disagree. The text around the tables is written by hand.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import autograd as ag  # noqa: E402
import nn  # noqa: E402
from autograd import names  # noqa: E402
from autograd.names.functions import RANDOM, TOPICS  # noqa: E402
from autograd.names.methods import METHOD_TOPICS  # noqa: E402
from nn import names as layers  # noqa: E402

SIGNATURES = ROOT / "tests" / "nn" / "signatures"
HOMES = {
    "utils.data": "nn.data",
    "optim": "nn.optim",
    "optim.lr_scheduler": "nn.optim.lr_scheduler",
}
BEGIN, END = "<!-- tables: written by docs/from_pytorch.py -->", "<!-- end of the tables -->"
# Where the code of an entry ends and what is said about it begins.
NOTES = (
    "; ",
    ". ",
    ", with ",
    ", which ",
    ", whose ",
    ", because ",
    ", once for ",
    " in a formula",
    " on x.",
    " of a symmetric matrix",
    " for ",
    ", after ",
    ", as ",
    ", if ",
    ", padded ",
    ", where ",
    ": ",
    ", along ",
    ", an array",
)
# Words that stand before code or between pieces of it, and what tells code from words.
WORDS = re.compile(
    "^nested |^in some functions |such as |, the |,? and |, "
    "| (?:itself|of the|of|on|over the|under|where|with) ?"
)
CODE = re.compile(r"[.(\[=*/<>@]| [-+] |^import |^\w$")
# PyTorch's functions that do the same by the same name and position.
SAME = """
    abs add amax amin arccos arccosh arcsin arcsinh arctan arctan2 arctanh broadcast_to ceil
    clip column_stack concatenate cos cosh cross cumprod cumsum diag diagflat diagonal diff
    divide dot dstack einsum erf exp exp2 expm1 flip fliplr flipud floor floor_divide fmod
    hstack hypot inner kron log log10 log1p log2 log_softmax logaddexp logsumexp matmul maximum
    mean min minimum moveaxis multiply nan_to_num nansum negative outer positive prod quantile
    ravel reciprocal relu remainder reshape roll rot90 sigmoid sign sin sinc sinh softmax sqrt
    square squeeze stack subtract sum swapaxes take tan tanh tensordot tile trace trapezoid
    tril triu trunc vdot vstack where
"""
LIKE_NUMPY = {  # the same name with NumPy's meaning
    "max": "`ag.max(x, axis)` returns values only; `x.argmax(axis)` gives the positions",
    "min": "`ag.min(x, axis)` returns values only; `x.argmin(axis)` gives the positions",
    "sort": "`ag.sort(x, axis)` returns values only; `np.argsort(x.data, axis)` has the positions",
    "median": "the mean of the middle two entries; PyTorch takes the lower one",
    "repeat": "`ag.repeat(x, n, axis)` repeats entries; `ag.tile(x, reps)` repeats the whole array",
    "split": "`ag.split(x, n)` cuts n pieces, not pieces of length n",
    "std": "divides by n; `ddof=1` or `correction=1` gives PyTorch's estimate; `var` likewise",
    "transpose": "`ag.transpose(x, axes)` takes all axes; `ag.swapaxes(x, i, j)` exchanges two",
    "round": "`ag.round(x, decimals)`, halves to the even number, as in PyTorch",
}


def cell(text: str) -> tuple[str, str]:
    """What to write, as code, and a note: "x, or y; note" is (`x` or `y`, note)."""
    places = [(at, sep) for sep in NOTES if (at := _outside(text, sep)) > 0]
    at, sep = min(places, default=(len(text), ""))
    code, note = text[:at], text[at + len(sep) :] if sep in ("; ", ". ", ": ") else text[at:]
    parts = [_code(part) for part in re.split(r",? or ", code)]
    return " or ".join(parts), note.strip(" ,")


def _outside(text: str, sep: str) -> int:
    """Where `sep` occurs outside of brackets; -1 if nowhere."""
    depth = 0
    for i, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and text.startswith(sep, i):
            return i
    return -1


def _code(part: str) -> str:
    """The part with its code marked as code, and the words between left as they are."""
    if re.fullmatch(r"\S+", part):
        return part if part == "nothing" else f"`{part}`"
    cuts = [m for m in WORDS.finditer(part) if _depth(part[: m.start()]) == 0]
    starts, ends = [0, *(m.end() for m in cuts)], [*(m.start() for m in cuts), len(part)]
    pieces = [part[a:b] for a, b in zip(starts, ends, strict=True)]
    marked = [f"`{piece}`" if CODE.search(piece) else piece for piece in pieces]
    return "".join(a + b for a, b in zip(marked, [*(m[0] for m in cuts), ""], strict=True))


def _depth(text: str) -> int:
    """How many brackets are open at the end of the text."""
    return sum((letter in "([{") - (letter in ")]}") for letter in text)


def table(rows: Iterable[tuple[str, str]], heading: str = "PyTorch") -> list[str]:
    """The rows (a name, what to write) as Markdown."""
    lines = [f"| {heading} | here | note |", "| --- | --- | --- |"]
    for name, text in rows:
        here, note = cell(text)
        cells = (f"`{name}`", here, note)
        lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return [*lines, ""]


def section(title: str, rows: Mapping[str, str], home: str, heading: str = "PyTorch") -> list[str]:
    """A heading and a table, whose names are put after `home`."""
    return [f"### {title}", "", *table(((home + k, v) for k, v in rows.items()), heading)]


def coverage() -> list[str]:
    """How many of PyTorch's functions and classes are here by the same name, and which are not.

    Its names are those that tests/nn/signatures/make.py collected from PyTorch itself.
    """
    facts = json.loads((SIGNATURES / "pytorch.json").read_text(encoding="utf-8"))
    theirs = json.loads((SIGNATURES / "names.json").read_text(encoding="utf-8"))
    rows, missing = [], []
    for namespace, names_there in theirs.items():
        home = HOMES.get(namespace, namespace)
        module = importlib.import_module(home)
        known = set(getattr(module, "__all__", None) or dir(module))
        callable_there = [n for n in names_there if f"{namespace}.{n}" in facts]
        absent = [n for n in callable_there if n not in known]
        here = len(callable_there) - len(absent)
        rows.append(f"| `torch.{namespace}` | `{home}` | {here} of {len(callable_there)} |")
        if absent:
            words = ", ".join(f"`{n}`" for n in absent)
            missing += [f"Not in `{home}`:", "", *textwrap.wrap(words + ".", 100), ""]
    return [
        "### How much is there",
        "",
        "Functions and classes with the same name, parameters, order and defaults, except for the",
        "[parameters that differ](#parameters-of-layers-functions-and-optimizers):",
        "",
        "| PyTorch | here | names |",
        "| --- | --- | --- |",
        *rows,
        "",
        *missing,
    ]


def pytorch() -> str:
    """The tables of the page for PyTorch's users."""
    names_of_same = [n for n in SAME.split() if n not in LIKE_NUMPY]
    assert all(hasattr(ag, n) for n in names_of_same)
    lines = [
        *coverage(),
        "### The same names",
        "",
        "These functions of `torch` are functions of `ag`, and many are methods of a `Tensor`:",
        "",
        *textwrap.wrap(", ".join(f"`{n}`" for n in names_of_same) + ".", 100),
        "",
        "### The same name, another meaning",
        "",
        "| name | here |",
        "| --- | --- |",
        *(f"| `{name}` | {note} |" for name, note in LIKE_NUMPY.items()),
        "",
    ]
    for title, rows in TOPICS.items():
        lines += section(title, rows, "torch.")
    lines += section("Linear algebra", names.LINALG, "linalg.")
    for title, rows in METHOD_TOPICS.items():
        lines += section(f"Methods: {title[0].lower()}{title[1:]}", rows, "t.")
    lines += section("Methods that change a tensor in place", names.INPLACE, "t.")
    lines += section("Writing to data and gradients", names.DATA, "")
    lines += section("Keywords", {f"{k}=": v for k, v in names.KEYWORDS.items()}, "")
    for title, rows, home in (
        ("Layers", layers.LAYERS, "nn."),
        ("Functions of layers", layers.LAYER_FUNCTIONS, "F."),
        ("Optimizers", layers.OPTIMIZERS, "optim."),
        ("Utilities", layers.UTILITIES, "nn.utils."),
        ("Data", layers.DATA, "data."),
        ("Initializers", layers.INITIALIZERS, "nn.init."),
        ("Methods of modules", layers.MODULE_METHODS, "module."),
    ):
        lines += section(title, rows, home)
    lines += parameters()
    assert nn.__name__ == "nn"
    return "\n".join(lines)


def parameters() -> list[str]:
    """Parameters of PyTorch's that differ here."""
    lines = [
        "### Parameters of layers, functions and optimizers",
        "",
        "Parameters have PyTorch's names, order and defaults; a test compares every function,",
        "class and method with PyTorch's signatures. These have no counterpart. The default is",
        "accepted, and any other value raises `TypeError` with the advice of the last column:",
        "",
        "| parameter | default | instead |",
        "| --- | --- | --- |",
        *(f"| `{k}` | `{v!r}` | {note} |" for k, (v, note) in layers.PARAMETERS.items()),
        "",
        "These are accepted with any value and change nothing:",
        "",
        "| parameter | why |",
        "| --- | --- |",
        *(f"| `{name}` | {why} |" for name, why in layers.UNUSED_PARAMETERS.items()),
        "",
        "These differ on purpose:",
        "",
        "| parameter | here |",
        "| --- | --- |",
        *(f"| `{name}` | {why} |" for name, why in layers.DIFFERENCES.items()),
        "",
    ]
    return lines


def numpy() -> str:
    """The tables of the page for NumPy's users."""
    lines = section("NumPy", names.NUMPY, "np.", "NumPy")
    lines += section("Updates of a part, as in JAX", names.UPDATES, "t.at[i].", "JAX")
    lines += section("SciPy", names.SCIPY, "scipy.special.", "SciPy")
    lines += section("Random numbers", RANDOM, "random.", "NumPy, JAX")
    return "\n".join(lines)


PAGES = {ROOT / "docs" / "from-pytorch.md": pytorch, ROOT / "docs" / "from-numpy.md": numpy}


def written(stored: str, tables: str) -> str:
    """The page with its tables replaced."""
    head, _, rest = stored.partition(BEGIN)
    _, end, tail = rest.partition(END)
    assert end, f"the page has no lines {BEGIN!r} and {END!r}"
    return f"{head}{BEGIN}\n\n{tables}\n{END}{tail}"


def main() -> int:
    """Write the pages, or compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a page would change")
    check = parser.parse_args().check
    for page, tables in PAGES.items():
        stored = page.read_text(encoding="utf-8")
        new = written(stored, tables())
        if not check:
            page.write_text(new, encoding="utf-8")
        elif new != stored:
            print(f"{page} is out of date: run python docs/from_pytorch.py", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
