"""The native functions: within the stated error of the true value everywhere, special as NumPy's."""

import numpy as np
import pytest

from autograd.compile.native import llvm, math
from benchmarks import functions

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())
both = pytest.mark.parametrize("dtype", ["float32", "float64"])
NAMES = sorted(math.FUNCTIONS)


def numbers(dtype):
    """Where functions change what they do, with their neighbours, and what is no number."""
    f = np.finfo(dtype)
    exp = {
        "float32": (88.72284, -87.33655, -103.97208),
        "float64": (709.782712893384, -708.3964185322641, -745.1332191019412),
    }
    edges = [
        f.smallest_subnormal,
        f.tiny,
        f.max,
        f.eps,
        0.5,
        0.625,
        1.0,
        1.5,
        2.0,
        2.5,
        10.0,
        1000.0,
    ]
    edges += [3.95, 6.0, 128.0, 1024.0, -149.0, -150.0, -1074.0, -1075.0, 2.0**0.5, 0.5**0.5, 1e8]
    edges = np.array([*edges, *np.abs(exp[dtype]), 2.0**23, 2.0**52, 2.0**53], dtype)
    near = np.concatenate(
        [edges, np.nextafter(edges, dtype_zero(dtype)), np.nextafter(edges, f.max)]
    )
    special = np.array([0.0, np.inf, np.nan], dtype)
    return np.concatenate([near, -near, special, -special])


def dtype_zero(dtype):
    return np.dtype(dtype).type(0)


@both
@pytest.mark.parametrize("name", NAMES)
def test_the_error_is_at_most_what_is_stated(name, dtype):
    pytest.importorskip("mpmath")
    errors, x = functions.errors(name, dtype, functions.Loop(name, dtype), 1000)
    at = errors.argmax()
    assert errors[at] <= math.bound(name, dtype), [part[at] for part in x]


def stable_sigmoid(x):
    """NumPy's overflows for small x, and gives 0 for a subnormal number."""
    return np.where(x < 0, np.exp(x) / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))


@both
@pytest.mark.parametrize("name", NAMES)
def test_special_values_are_numpys(name, dtype):
    x = numbers(dtype)
    arguments = [x]
    if name in math.BINARY:
        arguments = [part.ravel() for part in np.meshgrid(x, x)]
    function = stable_sigmoid if name == "sigmoid" else functions.numpys(name)
    wide = dtype if name == "sinc" else float  # NumPy rounds πx before it takes the sine
    with np.errstate(all="ignore"):
        # In float64, because NumPy's exp2(-149.99998) is 0 in float32, and not what is nearest.
        exact = np.asarray(function(*(part.astype(wide) for part in arguments)))
        expected = exact.astype(dtype)
        found = functions.Loop(name, dtype)(*arguments)
        size = np.abs(expected)
        if name == "logaddexp":  # where its two terms cancel, the error is theirs
            size = np.maximum(size, np.abs(np.maximum(*arguments)) + 0.7)
        allowed = 5 * np.spacing(np.minimum(size, np.finfo(dtype).max / 2))
        close = np.abs(found - expected) <= allowed
    sign = (np.signbit(found) == np.signbit(expected)) | (exact != 0)
    same = (found == expected) & sign
    same |= (found != 0) & close | (expected != 0) & close
    same |= np.isnan(found) & np.isnan(expected)
    listed = zip(*(part[~same] for part in (*arguments, found, expected)), strict=True)
    assert same.all(), list(listed)[:10]


@both
@pytest.mark.parametrize("name", sorted(math.FORMULAS))
def test_every_length_gives_the_same_bits(name, dtype):
    """The rest of a loop, which is not a whole vector, is computed as the vectors are."""
    x = functions.points(name, dtype, 300)
    loop = functions.Loop(name, dtype)
    whole = loop(*x)
    for length in (1, 3, 7, 16, 31, 100):
        part = loop(*(p[:length] for p in x))
        np.testing.assert_array_equal(
            part.view(f"u{part.itemsize}"), whole[:length].view(f"u{part.itemsize}")
        )


@both
@pytest.mark.parametrize("name", sorted(math.FORMULAS))
def test_formulas_have_no_branch_and_call_nothing_outside(name, dtype):
    found = math.definition(name, dtype)
    assert " br " not in found.text and "fast" not in found.text
    assert all("@llvm." in line for line in found.declarations if line.startswith("declare"))
    assert " nnan " not in found.text and " ninf " not in found.text and " nsz " not in found.text


# With vectors of 32 and of 64 bytes; only the latter look several numbers up at once, for sin.
@both
@pytest.mark.parametrize("processor", ["haswell", "skylake-avx512"])
@pytest.mark.parametrize("name", sorted(math.FORMULAS))
def test_a_loop_over_a_formula_becomes_vectors(name, processor, dtype):
    host = llvm.host()
    machine = llvm.Machine(processor, "") if "x86_64" in host.identity[0] else host
    kind = "float" if dtype == "float32" else "double"
    assert f"x {kind}>" in machine.optimized(functions.Loop(name, dtype).text)


@both
@pytest.mark.parametrize("name", sorted(math.FORMULAS))
def test_the_error_is_as_small_on_a_processor_without_fused_products(name, dtype):
    pytest.importorskip("mpmath")
    if "x86_64" not in llvm.host().identity[0]:
        pytest.skip("all other processors have them")
    loop = functions.Loop(name, dtype, llvm.Machine("x86-64", ""))
    errors, x = functions.errors(name, dtype, loop, 500)
    assert errors.max() <= math.bound(name, dtype), [part[errors.argmax()] for part in x]


def test_another_name_is_said_with_those_there_are():
    with pytest.raises(ValueError, match="got the function 'gamma'; expected absolute, arccos"):
        math.definition("gamma", "float32")


def test_definitions_of_several_functions_are_one_module():
    uses = [("exp", "float32"), ("sinh", "float64"), ("exp", np.float32), ("tanh", "float32")]
    text, symbols = math.definitions(uses)
    assert text.count("define") == 3 and set(symbols) == {"sinh"}
    llvm.host().compile(text + "define void @nothing() { ret void }")
