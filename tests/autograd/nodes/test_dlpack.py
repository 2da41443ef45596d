"""Arrays of other libraries by DLPack, and Tensors for them."""

import numpy as np
import pytest

import autograd as ag
from autograd.nodes.dlpack import advice


class Old:
    """A reader of versions before 1.0, which know no read-only memory."""

    def __init__(self, x):
        self.x = x

    def __dlpack__(self, **options):
        return self.x.__dlpack__()

    def __dlpack_device__(self):
        return self.x.__dlpack_device__()


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8, np.bool_])
def test_numbers_go_there_and_back(dtype):
    x = np.arange(6).reshape(2, 3).astype(dtype)
    t = ag.from_dlpack(x)
    assert type(t) is ag.Tensor and t.dtype == dtype and not t.requires_grad
    x[:] = 0  # the other library may write, and the Tensor does not change
    np.testing.assert_array_equal(t.data, np.arange(6).reshape(2, 3).astype(dtype))
    np.testing.assert_array_equal(np.from_dlpack(t), t.data)
    np.testing.assert_array_equal(np.from_dlpack(ag.transpose(t)), t.data.T)


def test_memory_is_shared_only_on_demand_and_read_only():
    t = ag.Tensor([1.0, 2.0])
    for there in (np.from_dlpack(t), np.from_dlpack(Old(t))):
        assert not np.shares_memory(there, t.data)
    with pytest.raises(
        BufferError, match="copy=False from a reader that knows no read-only memory"
    ):
        t.__dlpack__(copy=False)
    if np.lib.NumpyVersion(np.__version__) >= "2.1.0":
        there = np.from_dlpack(t, copy=False)
        assert np.shares_memory(there, t.data) and not there.flags.writeable
    assert t.__dlpack_device__() == np.ones(1).__dlpack_device__()


def test_a_copy_can_be_written():
    t = ag.Tensor([1.0, 2.0])
    there = np.from_dlpack(t)
    assert not np.shares_memory(there, t.data)
    if np.lib.NumpyVersion(np.__version__) >= "2.1.0":  # before, what NumPy reads is locked
        there[0] = 5.0
        np.from_dlpack(t, copy=True)[0] = 5.0
    assert t.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"stream": 3}, BufferError, "got stream=3; expected None"),
        (
            {"dl_device": (2, 0)},
            BufferError,
            r"got dl_device=\(2, 0\); expected \(1, 0\), the proc",
        ),
        ({"dl_device": "cpu"}, TypeError, "dl_device='cpu'; expected two ints"),
        ({"max_version": "x"}, TypeError, "max_version='x'; expected two ints"),
        ({"copy": 1}, TypeError, "copy=1; expected True, False or None"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(options, error, text):
    with pytest.raises(error, match=text):
        ag.Tensor([1.0]).__dlpack__(**options)


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("Can't export tensors that require gradient, use tensor.detach()", "pass x.detach()"),
        ("Can't export tensors with the conjugate bit set", "pass x.resolve_conj()"),
        ("unsupported dtype bfloat16", "convert it to a dtype of NumPy's"),
        ("only float dtypes are supported", "convert it to a dtype of NumPy's"),
        ("Unsupported type in DLTensor.", "convert it to a dtype of NumPy's"),
        ("bfloat16 is not supported", "convert it to a dtype of NumPy's"),
        ("Unsupported device in DLTensor.", "move it to the processor's memory"),
    ],
)
def test_advice_fits_the_reason(reason, hint):
    assert advice(reason).startswith(hint)


def test_a_gradient_is_not_dropped_silently():
    t = ag.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ag.GraphError, match=r"another library would drop; pass tensor\.detach\(\)"):
        np.from_dlpack(t)
    np.testing.assert_array_equal(np.from_dlpack(t.detach()), [1.0, 2.0])
    with ag.no_grad():
        np.testing.assert_array_equal(np.from_dlpack(t), [1.0, 2.0])


class OnDevice:
    def __dlpack_device__(self):
        return 2, 0

    def __dlpack__(self, **options):
        raise BufferError("the memory is on the device cuda:0")


@pytest.mark.parametrize(
    ("x", "error", "text"),
    [
        ([1.0], TypeError, r"got \[1.0\]; expected an array that supports DLPack; ag\.Tensor\(x\) takes lists"),
        (None, TypeError, "got None; expected an array that supports DLPack"),
        (ag.Tensor, TypeError, "expected an array that supports DLPack"),
        (ag.Tensor([1.0]), ag.GraphError, "it is a node already"),
        (OnDevice(), TypeError, r"got an OnDevice \(.*\); move it to the processor's memory"),
        (np.array(["a"]), TypeError, "convert it to a dtype of NumPy's"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(x, error, text):
    with pytest.raises(error, match=text):
        ag.from_dlpack(x)


def test_pytorch():
    torch = pytest.importorskip("torch")
    t = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    there = torch.from_dlpack(t)
    there[0, 0] = 9.0
    assert t.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    np.testing.assert_array_equal(ag.from_dlpack(there.T).data, [[9.0, 3.0], [2.0, 4.0]])


def test_a_result_that_is_one_number_is_shared():
    total = ag.Tensor([1.0, 2.0]).sum()
    assert np.from_dlpack(total).tolist() == 3.0
    np.testing.assert_array_equal(np.from_dlpack(ag.Tensor([1.0, 2.0])[1]), 2.0)


def test_the_processor_may_be_asked_for():
    t = ag.Tensor([1.0, 2.0])
    for options in ({"dl_device": (1, 0)}, {"max_version": (0, 8)}, {"max_version": (1, 0)}):
        assert "dltensor" in repr(t.__dlpack__(**options))


def test_an_old_reader_gets_no_memory_that_it_might_write_to():
    for version in (None, (0, 8)):
        with pytest.raises(BufferError, match="copy=False from a reader that knows no read-only"):
            ag.Tensor([1.0]).__dlpack__(max_version=version, copy=False)


@pytest.mark.parametrize("pair", [(1,), (1, 0, 0), [1, 0], ("1", "0"), (1, None), 1, {1, 0}])
@pytest.mark.parametrize("name", ["dl_device", "max_version"])
def test_what_is_no_pair_of_ints_is_refused(name, pair):
    with pytest.raises(TypeError, match=rf"^__dlpack__: got {name}=.*; expected two ints"):
        ag.Tensor([1.0]).__dlpack__(**{name: pair})


@pytest.mark.parametrize("name", ["__dlpack__", "__dlpack_device__"])
def test_one_half_of_the_protocol_is_none(name):
    half = type("Half", (), {name: lambda self, **options: (1, 0)})()
    with pytest.raises(ag.DTypeError, match=r"got <.*; expected an array that supports DLPack"):
        ag.from_dlpack(half)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BufferError(), "BufferError"),
        (BufferError("  on\n   cuda:0 "), "on cuda:0"),
        (RuntimeError("no bfloat16"), "no bfloat16"),
    ],
)
def test_the_reason_of_the_other_library_is_told_in_one_line(error, reason):
    class Broken(OnDevice):
        def __dlpack__(self, **options):
            raise error

        def __dlpack_device__(self):
            return 1, 0

    advice = "convert it to a dtype" if "bfloat16" in reason else "move it to the processor"
    with pytest.raises(ag.DTypeError, match=rf"got a Broken \({reason}\); {advice}") as caught:
        ag.from_dlpack(Broken())
    assert caught.value.__cause__ is error
