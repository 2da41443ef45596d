"""The base of all optimizers: groups, declared options, saved states, and optimizers of one's own."""

import copy
import inspect

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim
from nn.optim.optimizer import made
from nn.optim.options import SHARE
from tests.interrupts import interrupted_at


def test_groups_have_options_of_their_own_and_more_can_be_added():
    a, b, c = (nn.Parameter([1.0]) for _ in range(3))
    o = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1)
    o.add_param_group({"params": [c], "lr": 1.0})
    (a + b + c).sum().backward()
    assert o.step() is None
    assert [p.item() for p in (a, b, c)] == [0.9, 0.5, 0.0]
    o.lr = 0.25
    assert [g["lr"] for g in o.param_groups] == [0.25] * 3 and o.lr == 0.25
    assert repr(o).splitlines()[1].startswith("  (0): 1 number in 1 array, lr=0.25")
    o.zero_grad()
    assert a.grad is None


def test_states_of_others_are_refused_and_change_nothing():
    p = nn.Parameter([1.0, 2.0])
    o = optim.Adam([p], lr=0.1)
    (p * p).sum().backward()
    o.step()
    before = copy.deepcopy(o.state_dict())
    other = copy.deepcopy(before)
    other["state"][0]["exp_avg"] = np.ones(3)
    other["param_groups"][0]["lr"] = 9.0
    with pytest.raises(
        ValueError, match=r"got exp_avg of shape \(3,\); expected the parameter's shape \(2,\)"
    ):
        o.load_state_dict(other)
    with pytest.raises(
        ValueError, match=r"got groups of \[2\] parameters; expected groups of \[1\]"
    ):
        o.load_state_dict({"state": {}, "param_groups": [{"params": [0, 1]}]})
    with pytest.raises(ValueError, match="got a state of parameter 4; expected number 0"):
        o.load_state_dict({**before, "state": {4: {}}})
    with pytest.raises(
        ValueError, match="got a list; expected a mapping with 'state' and 'param_groups'"
    ):
        o.load_state_dict([])
    assert str(o.state_dict()) == str(before)


def test_a_saved_state_is_a_copy():
    p = nn.Parameter([1.0])
    o = optim.SGD([p], lr=0.1, momentum=0.9)
    (p * p).sum().backward()
    o.step()
    state = o.state_dict()
    state["state"][0]["momentum_buffer"][:] = 9.0
    assert o.state[p]["momentum_buffer"][0] == 2.0


def test_an_option_out_of_range_is_not_loaded():
    p = nn.Parameter([1.0])
    o = optim.Adam([p], lr=0.1)
    state = o.state_dict()
    state["param_groups"][0] |= {"lr": 0.2, "eps": -1.0}
    with pytest.raises(ValueError, match=r"load_state_dict of Adam: .*eps=-1\.0"):
        o.load_state_dict(state)
    assert o.lr == 0.1


def test_an_option_out_of_range_is_not_added():
    o = optim.Adam([nn.Parameter([1.0])])
    with pytest.raises(ValueError, match=r"eps=-1\.0"):
        o.add_param_group({"params": nn.Parameter([1.0]), "eps": -1.0})
    assert len(o.param_groups) == 1


def test_ranges_of_base_classes_hold_too():
    assert optim.AdamW.options == optim.Adam.options
    assert {"lr", "weight_decay", "betas", "eps"} == set(optim.Adam.options)
    assert set(optim.Optimizer.options) == {"lr", "weight_decay"}


def test_every_optimizer_declares_its_options():
    flags = {"maximize", "nesterov", "amsgrad", "centered", "decoupled_weight_decay"}
    kinds = [
        kind
        for kind in vars(optim).values()
        if isinstance(kind, type) and issubclass(kind, optim.Optimizer)
    ]
    for kind in kinds:
        if kind is not optim.Optimizer:
            declared = set(kind.options) | flags
            assert set(kind([nn.Parameter([[1.0]])]).defaults) <= declared, kind


class Steepest(nn.optim.Optimizer):
    def update(self, p, g, state, group):
        return g


class Repeating(nn.optim.Optimizer):
    def update(self, p, g, state, group):
        state["first"] = state.get("first", 0.5 * g)
        return state["first"]


@pytest.mark.parametrize("kind", [Steepest, Repeating])
def test_what_is_subtracted_is_not_written_to(kind):
    p = nn.Parameter([1.0, 2.0])
    optimizer = kind([p])
    for _ in range(2):
        p.grad = np.array([2.0, 4.0])
        optimizer.step()
        assert p.grad.tolist() == [2.0, 4.0]
    assert p.tolist() == ([-3.0, -6.0] if kind is Steepest else [-1.0, -2.0])


def test_a_parameter_without_gradient_is_left_alone():
    o, p, q = nn.Parameter([1.0]), nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = optim.SGD([o, p, q], lr=0.5)
    (p * 2.0).sum().backward()
    optimizer.step()
    assert [x.tolist() for x in (o, p, q)] == [[1.0], [0.0], [1.0]]
    assert set(optimizer.state) <= {p}


P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.SGD([{"lr": 0.1}]), ValueError, r"got a group without 'params', with \['lr'\]"),
        (lambda: optim.SGD([{"params": P, "beta": 1}]), ValueError, "got a group with beta; expected some of the options lr, momentum"),
        (lambda: optim.SGD([{"params": P}, {"params": P}]), ValueError, "got a parameter twice, again as entry 0"),
        (lambda: optim.SGD(P[0]), TypeError, "SGD: got a Parameter; expected an iterable of Tensors"),
        (lambda: optim.SGD([1.0]), TypeError, "SGD: got a float as entry 0; expected a Tensor"),
        (lambda: optim.SGD([P[0] * 2.0]), ag.GraphError, "SGD: got the result of mul.* as entry 0; expected a leaf"),
        (lambda: optim.SGD([]), ValueError, "SGD: got no parameters; expected at least one"),
        (lambda: optim.SGD(nn.Linear(1, 1)), TypeError, "SGD: got a Linear; expected an iterable of Tensors"),
        (lambda: optim.SGD(nn.Sequential(nn.Linear(1, 1))), TypeError, "SGD: got a Linear as entry 0"),
        (lambda: optim.SGD(P * 2), ValueError, "SGD: got a parameter twice, again as entry 1"),
        (lambda: optim.SGD(P, lr=-1), ValueError, "lr=-1"),
        (lambda: optim.SGD(P).add_param_group(P), TypeError, "SGD: got a list as a group; expected a dictionary with 'params'"),
        (lambda: optim.SGD(P, lr=float("nan")), ValueError, "lr=nan"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("of", ["optimizer", "module"])
def test_gradients_are_cleared_to_none_or_to_zeros(of):
    layer = nn.Linear(2, 2, bias=False)
    optimizer = nn.optim.SGD([*layer.parameters()], lr=0.1, momentum=0.9)
    cleared = optimizer if of == "optimizer" else layer

    def step():
        layer(np.ones((1, 2))).sum().backward()
        optimizer.step()

    cleared.zero_grad(set_to_none=False)
    assert layer.weight.grad is None  # there was none, as in PyTorch
    step()
    cleared.zero_grad(set_to_none=False)
    assert layer.weight.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    before = layer.weight.data
    optimizer.step()  # with zeros, the momentum goes on
    np.testing.assert_allclose(layer.weight.data, before - 0.09, rtol=1e-12)
    for arguments in ({"set_to_none": True}, {}):
        step()
        cleared.zero_grad(**arguments)
        assert layer.weight.grad is None


OPTIMIZERS = [
    optimizer
    for optimizer in vars(optim).values()
    if isinstance(optimizer, type)
    and issubclass(optimizer, optim.Optimizer)
    and optimizer is not optim.Optimizer
]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_no_optimizer_takes_a_gradient_of_another_shape_or_dtype(make):
    p, q = nn.Parameter([[1.0, 2.0]]), nn.Parameter(np.ones((2, 3)), name="w")
    optimizer = make([p, q])
    clip = optim.clip_grad_norm_, optim.clip_grad_value_
    for use in (lambda: optimizer.step(lambda: 0.0), *(lambda f=f: f([p, q], 1.0) for f in clip)):
        for wrong, error, text in (
            (np.ones((4, 2, 3)), ag.ShapeError, r"shape \(4, 2, 3\)"),
            (np.ones((2, 3), np.float32), ag.DTypeError, "dtype float32"),
        ):
            p.grad, q.grad = np.ones((1, 2)), None
            with pytest.raises(error, match=text):
                q.grad = wrong
                use()
            assert p.tolist() == [[1.0, 2.0]]


class Foreign:
    """Another library's array, as a tensor of PyTorch is here: NumPy can read it."""

    def __init__(self, data):
        self.data = np.array(data)
        self.shape, self.dtype = self.data.shape, "torch.float32"

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype)


def test_a_state_of_pytorch_with_its_tensors_loads_and_steps():
    p = nn.Parameter(np.array([1.0, 2.0], np.float32))
    optimizer = optim.Adam([p], lr=0.5)
    group = {
        "lr": Foreign(0.25),
        "betas": (0.0, 0.0),
        "foreach": None,
        "fused": None,
        "params": [0],
    }
    state = {
        "step": Foreign(1.0),
        "exp_avg": Foreign([1.0, 1.0]),
        "exp_avg_sq": Foreign([1.0, 1.0]),
    }
    optimizer.load_state_dict({"state": {0: state}, "param_groups": [group]})
    p.grad = np.ones(2, np.float32)
    optimizer.step()
    np.testing.assert_allclose(p.data, [0.75, 1.75], rtol=1e-6)
    assert p.dtype == np.float32 and "foreach" not in optimizer.param_groups[0]
    with pytest.raises(ValueError, match=r"exp_avg of shape \(3,\)"):
        wrong = {"state": {0: {"exp_avg": Foreign([1.0] * 3)}}, "param_groups": [group]}
        optimizer.load_state_dict(wrong)


def test_a_subclass_without_update_says_what_to_define():
    class Mine(optim.Optimizer):
        pass

    p = nn.Parameter([1.0])
    p.grad = np.ones(1)
    hint = r"define update\(self, p, g, state, group\), which returns what to subtract"
    with pytest.raises(NotImplementedError, match=f"^Mine: got a class without update; {hint}"):
        Mine([p], lr=0.1).step()


KINDS = [
    *(optim.SGD, optim.Adam, optim.AdamW, optim.Adamax, optim.NAdam, optim.RMSprop),
    *(optim.Adagrad, optim.Adadelta, optim.Lion, optim.LBFGS),
]
ALIKE = [{optim.Adam, optim.AdamW}]


def stepped(kind):
    p = nn.Parameter([1.0, 2.0])
    optimizer = kind([p], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return optimizer


@pytest.mark.parametrize("saved", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_state_of_another_optimizer_is_refused(kind, saved):
    state, optimizer = stepped(saved).state_dict(), stepped(kind)
    if kind is saved or {kind, saved} in ALIKE:
        optimizer.load_state_dict(state)
        return
    before = optimizer.state_dict()
    with pytest.raises(
        ValueError, match=rf"load_state_dict of {kind.__name__}: got a state of another optimizer, "
    ):
        optimizer.load_state_dict(state)
    assert repr(optimizer.state_dict()) == repr(before)


def test_the_options_of_another_optimizer_are_named():
    with pytest.raises(
        ValueError,
        match=r"SGD: got a state of another optimizer, with the options amsgrad, betas, eps; "
        r"expected dampening, momentum, nesterov; load it into the class that saved it",
    ):
        stepped(optim.SGD).load_state_dict(stepped(optim.Adam).state_dict())


class Unreadable:
    """Like PyTorch's tensor of a dtype that NumPy lacks."""

    dtype = "torch.bfloat16"

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Got unsupported ScalarType BFloat16")


def test_a_tensor_of_bfloat16_says_to_call_float():
    state = stepped(optim.Adam).state_dict()
    state["state"][0]["exp_avg"] = Unreadable()
    cure = r"got an Unreadable of dtype torch\.bfloat16, which NumPy cannot read; call \.float\(\)"
    with pytest.raises(ValueError, match=rf"load_state_dict of Adam: exp_avg: {cure} on it"):
        stepped(optim.Adam).load_state_dict(state)
    model = nn.Linear(1, 1)
    with pytest.raises(ValueError, match=rf"load_state_dict of Linear: weight: {cure} on it"):
        model.load_state_dict({**model.state_dict(), "weight": Unreadable()})


@pytest.mark.parametrize(
    "kind", [optim.SGD, optim.Adam, optim.AdamW, optim.Adamax, optim.NAdam, optim.RMSprop,
             optim.Adagrad, optim.Adadelta, optim.Lion, optim.LBFGS],
)  # fmt: skip
def test_every_optimizer_has_the_defaults_of_its_signature(kind):
    """What a constructor hands on is what it was given, under the same name."""
    import inspect

    made = kind([nn.Parameter([1.0])])
    for name, parameter in inspect.signature(kind).parameters.items():
        if name in made.param_groups[0] and name != "params" and parameter.default is not None:
            found = made.param_groups[0][name]
            assert found == parameter.default or tuple(found) == parameter.default, name
    assert made.lr == made.param_groups[0]["lr"] and len(made.param_groups) == 1


@pytest.mark.parametrize("kind", [kind for kind in OPTIMIZERS if kind is not optim.LBFGS])
def test_maximizing_is_minimizing_the_negative(kind):
    p, q = nn.Parameter([[1.0, -2.0]]), nn.Parameter([[1.0, -2.0]])
    up, down = kind([p], lr=0.1, maximize=True), kind([q], lr=0.1)
    for _ in range(3):
        up.zero_grad()
        down.zero_grad()
        (p * p).sum().backward()
        (-(q * q).sum()).backward()
        up.step()
        down.step()
    assert p.tolist() == q.tolist() != [[1.0, -2.0]]


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_step_returns_what_its_closure_did(kind):
    p = nn.Parameter([[1.0, -2.0]])
    p.grad = np.ones((1, 2))
    assert kind([p]).step(lambda: 3.0) == 3.0


def trained(make):
    parameters = [nn.Parameter([1.0, 2.0]), nn.Parameter([3.0])]
    o = make(parameters)
    sum((p * p).sum() for p in parameters).backward()
    o.step()
    return o


@pytest.mark.parametrize("step", [float("nan"), float("inf"), -5, -1, 1.5, "3", b"3", None])
@pytest.mark.parametrize("make", [optim.Adam, optim.NAdam, optim.Adamax, optim.Adagrad])
def test_a_number_of_steps_that_no_training_reaches_is_refused(make, step):
    o = trained(make)
    before = copy.deepcopy(o.state_dict())
    state = copy.deepcopy(before)
    state["state"][0]["step"] = step
    with pytest.raises(ValueError, match=rf"load_state_dict of {make.__name__}: got .*; expected "):
        o.load_state_dict(state)
    assert str(o.state_dict()) == str(before)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (optim.Adam, "exp_avg_sq"), (optim.NAdam, "exp_avg_sq"), (optim.AdamW, "exp_avg_sq"), (optim.Adamax, "exp_inf"),
        (optim.RMSprop, "square_avg"), (optim.Adagrad, "sum"), (optim.Adadelta, "square_avg"), (optim.Adadelta, "acc_delta"),
        (lambda p: optim.Adam(p, amsgrad=True), "max_exp_avg_sq"),
    ],
)  # fmt: skip
def test_averages_of_squares_are_not_negative_but_may_be_those_of_a_failed_training(make, name):
    o = trained(make)
    state = copy.deepcopy(o.state_dict())
    state["state"][0][name] = np.array([1.0, -2.0])
    with pytest.raises(ValueError, match=f"got {name} with the entry -2; expected entries of 0"):
        o.load_state_dict(state)
    state["state"][0][name] = np.array([np.nan, np.inf])
    o.load_state_dict(state)


@pytest.mark.parametrize("product", [-0.5, 1.0, float("nan")])
def test_the_product_of_nadam_is_one_of_numbers_below_1(product):
    o = trained(optim.NAdam)
    state = copy.deepcopy(o.state_dict())
    state["state"][0]["mu_product"] = product
    with pytest.raises(
        ValueError, match=r"got mu_product = .*; expected a product of numbers below 1"
    ):
        o.load_state_dict(state)


def test_an_error_in_a_step_changes_nothing():
    class Fails(optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, lr=1.0)

        def update(self, p, g, state, group):
            state["seen"] = np.array(1.0)
            if p.size == 1:
                raise RuntimeError("the second")
            return g

    parameters = [nn.Parameter([1.0, 2.0]), nn.Parameter([3.0])]
    o = Fails(parameters)
    sum((p * p).sum() for p in parameters).backward()
    with pytest.raises(RuntimeError, match="the second"):
        o.step()
    assert [p.tolist() for p in parameters] == [[1.0, 2.0], [3.0]] and not o.state


def test_an_interrupt_in_a_step_leaves_at_most_the_last_parameters_unchanged():
    """All values are there before the first is assigned, so few moments are left between them."""
    parameters = [nn.Parameter(np.full(2, 1.0 + i)) for i in range(3)]
    o = optim.Adam(parameters, lr=0.5)
    sum((p * p).sum() for p in parameters).backward()
    kept = [p.data for p in parameters]
    n, partly = 1, 0
    while interrupted_at(n, o.step):
        changed = [p.data is not before for p, before in zip(parameters, kept, strict=True)]
        assert changed == sorted(changed, reverse=True)
        partly += changed[0] and not changed[-1]
        for p, before in zip(parameters, kept, strict=True):
            p.data = before
        kept = [p.data for p in parameters]
        o.state.clear()
        n += 1
    assert n > 40 and partly < n // 3


def test_a_notebook_shows_a_table_of_groups():
    p, q = nn.Parameter([1.0, 2.0]), nn.Parameter([3.0])
    shown = optim.SGD([{"params": [p]}, {"params": [q], "lr": 0.25}], lr=0.5)._repr_html_()
    assert "3 parameters" in shown and "0.25" in shown and shown.count("<tr>") == 3
    assert ">lr<" in shown and ">params<" not in shown and "Parameter(" not in shown


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (None, "got None; expected a mapping with 'state' and 'param_groups'"), ({"state": {}}, "got a dict; expected a mapping with"),
        ({"param_groups": []}, "got a dict; expected a mapping with"), (["state", "param_groups"], "got a list; expected a mapping with"),
        ({"state": [], "param_groups": []}, "got a list as 'state'; expected a mapping of mappings"),
        ({"state": {0: []}, "param_groups": []}, "got a dict as 'state'; expected a mapping of mappings"),
        ({"state": {}, "param_groups": {}}, "got a dict as 'param_groups'; expected a list of mappings"),
        ({"state": {}, "param_groups": [3]}, "got a list as 'param_groups'; expected a list of mappings"),
        ({"state": {}, "param_groups": [{}]}, "got a list as 'param_groups'; expected a list of mappings"),
        ({"state": {}, "param_groups": [{"params": 3}]}, "got a list as 'param_groups'; expected a list of mappings"),
        ({"state": {}, "param_groups": []}, r"got groups of \[\] parameters; expected groups of \[1\]"),
    ],
)  # fmt: skip
def test_a_state_of_another_structure_is_refused(state, message):
    optimizer = optim.SGD([nn.Parameter([1.0])])
    with pytest.raises(ValueError, match=f"^load_state_dict of SGD: {message}"):
        optimizer.load_state_dict(state)


def test_no_decay_leaves_infinite_parameters_alone():
    """0 · inf would be nan."""
    for make in (optim.AdamW, optim.Adam, optim.SGD):
        p = nn.Parameter([np.inf, 1.0])
        p.grad = np.array([0.0, 1.0])
        make([p], lr=0.1, weight_decay=0.0).step()
        assert p.data[0] == np.inf and p.data[1] < 1.0


@pytest.mark.parametrize("decoupled", [None, False, True])
def test_decay_is_added_to_the_gradient_or_to_the_step(decoupled):
    class Base(optim.Optimizer):
        if decoupled is not None:  # otherwise as of every class that says nothing
            decoupled_weight_decay = decoupled

    class Plain(Base):
        def update(self, p, g, state, group):
            state["seen"] = g.copy()
            return group["lr"] * g

    p = nn.Parameter([8.0])
    optimizer = Plain([p], lr=0.5, weight_decay=0.25, maximize=True)
    p.grad = np.array([1.0])
    optimizer.step()
    assert optimizer.state[p]["seen"].tolist() == ([-1.0] if decoupled else [1.0])
    assert p.tolist() == ([8.0 + 0.5 - 1.0] if decoupled else [7.5])


def test_a_rate_of_any_size_is_assigned():
    optimizer = optim.SGD([nn.Parameter([1.0])], lr=0.5)
    for lr in (0.0, 1e-9, 0.05, 7.0):
        optimizer.lr = lr
        assert optimizer.lr == lr
    for lr in (-1e-9, float("nan"), "a"):
        with pytest.raises(ValueError, match=r"^SGD: got lr="):
            optimizer.lr = lr
    assert optimizer.lr == 7.0


def test_flags_are_inherited_and_checked():
    class Mine(optim.SGD):
        flags = frozenset({"own"})

        def __init__(self, params, own=False):
            super().__init__(params, lr=0.1)

    assert Mine.flags == {"maximize", "nesterov", "own"} and "own" not in optim.SGD.flags

    class Narrow(optim.Optimizer):
        options = {"share": SHARE}  # noqa: RUF012

    assert set(Narrow.options) == {"lr", "weight_decay", "share"}
    for wrong in ({"lr": -1.0}, {"weight_decay": -1.0}, {"share": 1.5}, {"maximize": "no"}):
        with pytest.raises((TypeError, ValueError), match=f"^Narrow: got {next(iter(wrong))}="):
            Narrow([nn.Parameter([1.0])], **wrong)
    for make in (optim.SGD, optim.Adam, optim.RMSprop):
        for flag in make.flags:
            with pytest.raises(TypeError, match=f"got {flag}='no'; expected True or False"):
                make([nn.Parameter([1.0])], **{flag: "no"})


def test_a_number_for_an_array_is_loaded_as_it_is():
    """An optimizer of one's own may keep one number for all entries."""

    class Counting(optim.Optimizer):
        def update(self, p, g, state, group):
            state["scale"] = np.array(3.0)
            return g

    p = nn.Parameter([1.0, 2.0])
    optimizer = Counting([p])
    p.grad = np.ones(2)
    optimizer.step()
    state = optimizer.state_dict()
    optimizer.load_state_dict(state)
    loaded = optimizer.state[p]["scale"]
    assert loaded == 3.0 and loaded is not state["state"][0]["scale"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_state_of_a_parameter_without_axes_is_loaded_in_its_dtype(dtype):
    """Also from JSON, where numbers are Python's."""
    p = nn.Parameter(3.0, dtype=dtype)
    optimizer = optim.Adam([p])
    entry = {"step": 1, "exp_avg": -0.5, "exp_avg_sq": 0.25}
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": {0: entry}, "param_groups": groups})
    for name in ("exp_avg", "exp_avg_sq"):
        loaded = optimizer.state[p][name]
        assert type(loaded) is np.ndarray and loaded.dtype == dtype and loaded == entry[name]
    with pytest.raises(ValueError, match=r"got exp_avg_sq with the entry -0\.25; expected "):
        wrong = {"state": {0: {**entry, "exp_avg_sq": -0.25}}, "param_groups": groups}
        optimizer.load_state_dict(wrong)


def test_an_optimizer_tells_that_it_was_made():
    """To what a diagnosis has set, once it has its groups."""
    seen = []
    token = made.set(lambda o: seen.append((o, o.parameters)))
    try:
        optimizer = optim.Adam(P)
    finally:
        made.reset(token)
    optim.Adam(P)
    assert seen == [(optimizer, P)]


def test_hand_made_subclasses_take_keywords_of_python():
    """`__init_subclass__` passes them on."""
    with pytest.raises(TypeError, match="takes no keyword arguments"):
        type("Mine", (optim.Optimizer,), {}, colour="red")


def moved(make, gradients, shape=(2, 3)):
    p = nn.Parameter(np.ones(shape))
    optimizer = make([p])
    for g in gradients:
        p.grad = np.full(shape, g)
        optimizer.step(lambda: 0.0)
    return p, optimizer


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_switches_without_effect_are_checked_too(make):
    names = [
        n for n in inspect.signature(make).parameters if n in ("foreach", "capturable", "fused")
    ]
    for name in names:
        with pytest.raises(
            TypeError, match=f"^{make.__name__}: got {name}='no'; expected True or F"
        ):
            make([nn.Parameter(np.ones((2, 3)))], **{name: "no"})
        make([nn.Parameter(np.ones((2, 3)))], **{name: True})


@pytest.mark.parametrize("make", [make for make in OPTIMIZERS if "step" in make.scalar_state])
def test_steps_are_counted(make):
    p, optimizer = moved(make, [0.5, 0.25, 0.125])
    assert optimizer.state[p]["step"] == 3.0
    state = optimizer.state_dict()
    state["state"][0]["step"] = 5  # as JSON has it
    optimizer.load_state_dict(state)
    assert optimizer.state[p]["step"].dtype == float
    optimizer.step()
    assert optimizer.state[p]["step"] == 6.0


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_state_of_zeros_is_loaded(make):
    """As after a step without slope: averages of squares are 0 then, and not negative."""
    _, optimizer = moved(make, [0.0])
    state = optimizer.state_dict()
    _, other = moved(make, [0.0, 0.5])
    other.load_state_dict(state)
    assert str(other.state_dict()) == str(state)


def test_options_that_numpy_made_are_loaded_as_they_are():
    o = optim.SGD([nn.Parameter([1.0])], lr=np.float32(0.5))
    state = o.state_dict()
    o.lr = 0.1
    o.load_state_dict(state)
    assert type(o.param_groups[0]["lr"]) is np.float32 and o.lr == 0.5


def test_a_state_before_the_first_step_and_a_product_of_0_are_loaded():
    p, optimizer = moved(optim.NAdam, [0.5])
    state = optimizer.state_dict()
    state["state"][0] |= {"step": 0, "mu_product": 0.0}
    optimizer.load_state_dict(state)
    assert optimizer.state[p]["step"] == optimizer.state[p]["mu_product"] == 0.0
