"""Arguments of optimizers: what is refused, in which sentence, and PyTorch's that do nothing here."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim

OPTIMIZERS = {
    name: kind
    for name, kind in vars(optim).items()
    if isinstance(kind, type) and issubclass(kind, optim.Optimizer) and kind is not optim.Optimizer
}
BAD_NUMBERS = [-1, float("nan"), float("inf"), -float("inf"), "a", None, [0.1], 1j, 10**400]


def parameter():
    return nn.Parameter([[1.0, -2.0]])  # a matrix, as Muon wants it


def options_of(kind, *types):
    defaults = kind([parameter()]).defaults
    return [name for name, value in defaults.items() if type(value) in types]


NUMBERS = [
    (name, option) for name, kind in OPTIMIZERS.items() for option in options_of(kind, float)
]
FLAGS = [(name, option) for name, kind in OPTIMIZERS.items() for option in options_of(kind, bool)]
SIGNED = {"beta2_decay", "dampening", "tolerance_grad", "tolerance_change"}  # as in PyTorch


@pytest.mark.parametrize("value", BAD_NUMBERS, ids=lambda x: repr(x)[:9])
@pytest.mark.parametrize(("name", "option"), NUMBERS)
def test_numbers_are_checked(name, option, value):
    if value == -1 and option in SIGNED:
        return
    with pytest.raises(ValueError, match=rf"^{name}: got {option}=.*; expected a (finite )?number"):
        OPTIMIZERS[name]([parameter()], **{option: value})
    with pytest.raises(ValueError, match=rf"^{name}: got {option}=.*; expected a (finite )?number"):
        OPTIMIZERS[name]([{"params": parameter(), option: value}])


@pytest.mark.parametrize("value", ["yes", 1, None, 0.0])
@pytest.mark.parametrize(("name", "option"), FLAGS)
def test_flags_are_true_or_false(name, option, value):
    with pytest.raises(TypeError, match=rf"^{name}: got {option}=.*; expected True or False"):
        OPTIMIZERS[name]([{"params": parameter(), option: value}])
    assert set(options_of(OPTIMIZERS[name], bool)) <= OPTIMIZERS[name].flags


@pytest.mark.parametrize(
    "betas", [(0.9,), (0.9, 0.99, 0.999), 0.9, None, (0.9, 1.0), (-0.1, 0.9), ("a", "b"), "ab"]
)
@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adamax", "NAdam", "Lion"])
def test_betas_are_two_numbers_below_1(name, betas):
    with pytest.raises(ValueError, match=f"^{name}: got .*betas.*; expected (2 numbers|a number)"):
        OPTIMIZERS[name]([parameter()], betas=betas)


@pytest.mark.parametrize(
    "options", [{}, {"momentum": 0.0}, {"momentum": 0.9, "dampening": 0.1}], ids=repr
)
def test_nesterov_needs_momentum_and_no_dampening(options):
    with pytest.raises(ValueError, match=r"SGD: got nesterov=True with .*; expected momentum > 0"):
        optim.SGD([parameter()], nesterov=True, **options)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        (3, TypeError, "got an int; expected an iterable of Tensors"),
        (None, TypeError, "got None; expected an iterable"),
        ("ab", TypeError, "got a str as entry 0; expected a Tensor"),
        (nn.Linear(1, 1), TypeError, r"got a Linear; .* pass model\.parameters\(\)"),
        ([nn.Linear(1, 1)], TypeError, "got a Linear as entry 0; expected a Tensor"),
        (np.ones(2), TypeError, "got a float64 as entry 0; expected a Tensor"),
        ([np.ones(2)], TypeError, "got an ndarray as entry 0; expected a Tensor"),
        ([("w", nn.Parameter([1.0]))], TypeError, "got a tuple as entry 0"),
        ([{"params": 3}], TypeError, "got an int; expected an iterable of Tensors"),
        ([{"params": []}], ValueError, "got no parameters"),
        ([{"params": nn.Parameter([1.0])}, nn.Parameter([1.0])], TypeError, "got a dict as entry 0"),
        ([{"params": nn.Parameter([1.0]), 3: 4}], ValueError, "got a group with 3; expected some of"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_parameters_are_tensors(name, params, error, message):
    with pytest.raises(error, match=f"^{name}: {message}"):
        OPTIMIZERS[name](params)


def test_a_group_is_a_dictionary():
    with pytest.raises(TypeError, match="SGD: got a list as a group; expected a dictionary with"):
        optim.SGD([parameter()]).add_param_group([parameter()])


# --- PyTorch's options ---

CHOICES = {
    "SGD": ("foreach", "fused"),
    "Adam": ("foreach", "fused", "capturable"),
    "AdamW": ("foreach", "fused", "capturable"),
    "Adamax": ("foreach", "capturable"),
    "NAdam": ("foreach", "capturable"),
    "RMSprop": ("foreach", "capturable"),
    "Adagrad": ("foreach", "fused"),
    "Adadelta": ("foreach", "capturable"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_options_that_choose_an_implementation_change_nothing(name):
    ends = []
    for options in ({}, dict.fromkeys(CHOICES[name], True), {"differentiable": False}):
        p = parameter()
        optimizer = OPTIMIZERS[name]([p], **options)
        for _ in range(3):
            optimizer.zero_grad()
            (p * p).sum().backward()
            optimizer.step()
        ends.append(p.tolist())
    assert ends[0] == ends[1] == ends[2] != [1.0, -2.0]


@pytest.mark.parametrize("name", CHOICES)
def test_a_differentiable_step_is_refused_with_a_reason(name):
    with pytest.raises(TypeError, match=rf"^{name}: got differentiable=True; expected False; \w+"):
        OPTIMIZERS[name]([parameter()], differentiable=True)


def test_adam_with_decoupled_weight_decay_is_adamw():
    ends = []
    for make in (
        lambda p: optim.AdamW([p], 0.1, weight_decay=0.3),
        lambda p: optim.Adam([p], 0.1, weight_decay=0.3, decoupled_weight_decay=True),
    ):
        p = parameter()
        optimizer = make(p)
        (p * p).sum().backward()
        optimizer.step()
        ends.append(p.tolist())
    assert ends[0] == ends[1]


# --- gradients and states ---


@pytest.mark.parametrize("gradient", [[1.0, 2.0], 3.0, "a", ag.Tensor([1.0, 2.0])], ids=repr)
@pytest.mark.parametrize("clip", [optim.clip_grad_norm_, optim.clip_grad_value_])
def test_a_gradient_is_an_array(clip, gradient):
    p = parameter()
    # Assigning it may be refused already, or turn it into an array.
    with pytest.raises((TypeError, ValueError), match=r"grad.*; expected"):
        p.grad = gradient
        if isinstance(p.grad, np.ndarray):
            raise TypeError("grad; expected nothing else")
        clip([p], 1.0)


@pytest.mark.parametrize("make", [k for n, k in OPTIMIZERS.items() if n not in ("LBFGS", "Muon")])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_parameter_without_axes_keeps_arrays(make, dtype):
    p = nn.Parameter(3.0, dtype=dtype)
    optimizer = make([p])
    for _ in range(3):
        optimizer.zero_grad()
        (p * p).backward()
        optimizer.step()
        optim.clip_grad_value_([p], 0.5)
        optim.clip_grad_norm_([p], 0.25)
        again = make([p])
        again.load_state_dict(optimizer.state_dict())
        for state in (
            optimizer.state[p],
            optimizer.state_dict()["state"].get(0, {}),
            again.state.get(p, {}),
        ):
            for name, x in state.items():
                assert type(x) is np.ndarray and x.shape == (), name
                assert x.dtype == (float if name in optimizer.scalar_state else dtype)
        for x in (p.data, p.grad):
            assert type(x) is np.ndarray and x.shape == () and x.dtype == dtype


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"state": 3, "param_groups": []}, "got an int as 'state'; expected a mapping of mappings"),
        ({"state": {0: 3}, "param_groups": []}, "got a dict as 'state'; expected a mapping of map"),
        ({"state": {}, "param_groups": 3}, "got an int as 'param_groups'; expected a list of mapp"),
        ({"state": {}, "param_groups": [3]}, "got a list as 'param_groups'; expected a list of map"),
        ({"state": {}, "param_groups": [{}]}, "got a list as 'param_groups'"),
        ({"state": {}, "param_groups": [{"params": 3}]}, "got a list as 'param_groups'"),
        ({"state": {"a": {}}}, "got a state of parameter a; expected number 0"),
        ({"state": {-1: {}}}, "got a state of parameter -1; expected number 0"),
        ({"state": {0: {"exp_avg": "a"}}}, "got a str as exp_avg; expected numbers"),
        ({"state": {0: {"exp_avg": [[1.0], [1.0, 2.0]]}}}, "got a list as exp_avg; expected num"),
        ({"state": {0: {"exp_avg": np.ones(3)}}}, r"got exp_avg of shape \(3,\); expected the para"),
        ({"state": {0: {"step": "a"}}}, "got a str as step; expected numbers"),
        ({"state": {0: {"step": np.ones(3)}}}, r"got step of shape \(3,\); expected one number"),
        ({"param_groups": [{"params": [0], "lr": "a"}]}, "got lr='a'; expected a number"),
        ({"param_groups": [{"params": [0], "betas": 3}]}, "got an int as betas; expected 2 numbers"),
    ],
)  # fmt: skip
def test_a_state_of_another_form_is_refused_and_loads_nothing(state, message):
    p = parameter()
    optimizer = optim.Adam([p], lr=0.25)
    (p * p).sum().backward()
    optimizer.step()
    before = str(optimizer.state_dict())
    whole = {"state": {}, "param_groups": [{"params": [0], "lr": 0.5}]} | state
    with pytest.raises(ValueError, match=f"^load_state_dict of Adam: {message}"):
        optimizer.load_state_dict(whole)
    assert str(optimizer.state_dict()) == before


def test_a_state_that_went_through_json_loads():
    p = nn.Parameter([1.0, -2.0])
    optimizer = optim.Adam([p])
    entry = {"step": 2, "exp_avg": [1.0, 2.0], "exp_avg_sq": [1.0, 4.0]}
    groups = [{"params": [0], "lr": 0.5, "betas": [0.5, 0.5]}]
    optimizer.load_state_dict({"state": {"0": entry}, "param_groups": groups})
    p.grad = np.ones(2)
    optimizer.step()
    assert optimizer.state[p]["step"] == 3 and optimizer.state[p]["exp_avg"].tolist() == [1.0, 1.5]
