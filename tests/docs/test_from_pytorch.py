"""The tables of the pages for PyTorch's and NumPy's users are those of the error messages."""

import runpy
from pathlib import Path

import pytest

from autograd import names

made = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "from_pytorch.py"))


@pytest.mark.parametrize("page", made["PAGES"], ids=lambda page: page.name)
def test_the_page_is_what_the_script_writes(page):
    stored = page.read_text(encoding="utf-8")
    tables = made["PAGES"][page]()
    assert made["written"](stored, tables) == stored, "run python docs/from_pytorch.py"
    assert made["written"](stored, tables.replace("`ag.", "`gg.")) != stored


@pytest.mark.parametrize(
    ("text", "here", "note"),
    [
        ("ag.clip(x, low, high)", "`ag.clip(x, low, high)`", ""),
        ("a @ b, or ag.matmul(a, b)", "`a @ b` or `ag.matmul(a, b)`", ""),
        ("x; there are no complex numbers here", "`x`", "there are no complex numbers here"),
        ("rng.random(n), with rng = f(0)", "`rng.random(n)`", "with rng = f(0)"),
        ("nothing; all arrays are here", "nothing", "all arrays are here"),
        ("ag.where(x == 0, x, y)", "`ag.where(x == 0, x, y)`", ""),
        ("y - x", "`y - x`", ""),
        ("x itself, because it is", "`x` itself", "because it is"),
        ("nn.Lambda with x.reshape and x.T", "`nn.Lambda` with `x.reshape` and `x.T`", ""),
        (
            "t = t + y, or t += y under ag.no_grad()",
            "`t = t + y` or `t += y` under `ag.no_grad()`",
            "",
        ),
    ],
)
def test_code_and_note_are_apart(text, here, note):
    assert made["cell"](text) == (here, note)


def test_every_name_is_on_the_page():
    text = made["pytorch"]()
    for name in names.FUNCTIONS:
        assert f"| `torch.{name}` |" in text
    for name in (*names.METHODS, *names.INPLACE):
        assert f"| `t.{name}` |" in text
    assert all(f"| `np.{name}` |" in made["numpy"]() for name in names.NUMPY)


def test_the_counts_are_of_names_that_are_here_or_listed():
    lines = made["coverage"]()
    rows = [line for line in lines if line.startswith("| `torch.")]
    assert len(rows) == 7
    layers = next(line for line in rows if "`torch.nn`" in line)
    here, of = map(int, layers.split("|")[3].split(" of "))
    text = " ".join(lines)
    absent = text.partition("Not in `nn`:")[2].partition("Not in")[0].count("`") // 2
    assert here + absent == of and here > 120 and "`Conv3d`" not in text
