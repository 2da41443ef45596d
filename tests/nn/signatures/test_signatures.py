"""Our signatures against PyTorch's: the same parameters, in the same order, with its defaults."""

import ast
import importlib
import inspect
import json
from pathlib import Path

import pytest

import nn
from nn import names

FACTS = json.loads(Path(__file__).with_name("pytorch.json").read_text())
HOMES = {
    "utils.data": "nn.data",
    "optim": "nn.optim",
    "optim.lr_scheduler": "nn.optim.lr_scheduler",
}

# What a name of ours means in another way, and why.
DIFFERENT = {
    "nn.RMSNorm.forward": "PyTorch calls the input x in this layer alone",
    "nn.Identity": "any arguments are accepted",
    "nn.Sequential": "takes modules, as *args",
    "nn.Sequential.forward": "takes one input",
    "optim.Optimizer": "a subclass passes its defaults as keywords",
    "utils.data.random_split": "the default generator is that of autograd.random",
}
# An object of each class whose methods are compared.
_PARAMETER = nn.Parameter([1.0])
INSTANCES = {
    "nn.Module": nn.Identity(),
    "nn.Sequential": nn.Sequential(),
    "nn.ModuleList": nn.ModuleList(),
    "nn.ModuleDict": nn.ModuleDict(),
    "nn.ParameterList": nn.ParameterList(),
    "optim.Optimizer": nn.optim.SGD([_PARAMETER]),
    "optim.LBFGS": nn.optim.LBFGS([_PARAMETER]),
    "optim.lr_scheduler.LRScheduler": nn.optim.StepLR(nn.optim.SGD([_PARAMETER]), 1),
    "optim.lr_scheduler.ReduceLROnPlateau": nn.optim.ReduceLROnPlateau(nn.optim.SGD([_PARAMETER])),
    "utils.data.DataLoader": nn.data.DataLoader([1]),
}

# PyTorch's text of a default, and what ours is where it says the same.
SAME = {("activation", "relu"): "relu"}
SAME |= {(f"{owner}is_causal", "None"): False for owner in ("", "src_", "tgt_")}


def ours(name):
    """Our function, class or method of a name of PyTorch's, or None."""
    home, _, last = name.rpartition(".")
    if home in FACTS:
        owner = ours(home)
        if owner is None or last == "forward":
            return owner and owner.forward
        method = getattr(owner, last, None)
        return method and method.__get__(INSTANCES[home], owner)
    module = importlib.import_module(HOMES.get(home, home))
    found = vars(module).get(last)
    known = getattr(module, "__all__", None) or [
        n for n in vars(module) if n.endswith("_") or n == "calculate_gain"
    ]
    return found if last in known else None


COMPARED = [
    name for name in FACTS
    if name not in DIFFERENT and ours(name) is not None
]  # fmt: skip


def meaning(name, text):
    """A default of PyTorch's, from its text, as we write it."""
    if (name, text) in SAME:
        return SAME[name, text]
    return ast.literal_eval(text)


def owner(name):
    """A name as `nn.names.DIFFERENCES` writes it."""
    return name.replace("nn.functional.", "F.")


def test_there_is_enough_to_compare():
    assert len([name for name in COMPARED if name.startswith("nn.functional.")]) >= 65
    assert len([name for name in COMPARED if name.endswith(".forward")]) > 70
    assert (
        len([n for n in COMPARED if n.startswith("nn.Module.") and n != "nn.Module.forward"]) > 20
    )
    assert {"nn.LSTM", "nn.init.trunc_normal_", "nn.functional.scaled_dot_product_attention"} < set(
        COMPARED
    )


@pytest.mark.parametrize("name", COMPARED)
def test_order(name):
    found = inspect.signature(ours(name)).parameters
    position = [p.name for p in found.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    position = [p for p in position if p != "self"]
    theirs = [p for p, kind, *_ in FACTS[name] if kind == "position"]
    assert position == theirs
    keywords = {p for p, kind, *_ in FACTS[name] if kind == "keyword"}
    assert keywords <= set(found)


@pytest.mark.parametrize("name", COMPARED)
def test_defaults(name):
    found = inspect.signature(ours(name)).parameters
    for parameter, _, *default in FACTS[name]:
        known = {parameter, f"{owner(name)}({parameter})"} & names.DIFFERENCES.keys()
        if parameter not in found or not default or known:
            continue
        expected = meaning(parameter, default[0])
        assert found[parameter].default == expected, parameter
        assert found[parameter].default is not inspect.Parameter.empty


def test_parameters_without_a_counterpart_have_their_default_in_the_table():
    for name in COMPARED:
        found = inspect.signature(ours(name)).parameters
        for parameter in names.PARAMETERS.keys() & found.keys() if "nn.utils." not in name else ():
            assert found[parameter].default == names.PARAMETERS[parameter][0], (name, parameter)


# Clipping has a norm of its own; these two schedulers need more than their required arguments.
APART = ("nn.utils.", "optim.lr_scheduler.OneCycleLR", "optim.lr_scheduler.SequentialLR")
REFUSED = [
    (name, parameter)
    for name in COMPARED
    if not name.startswith(APART)
    for parameter in inspect.signature(ours(name)).parameters
    if parameter in names.PARAMETERS
]
REQUIRED = {
    "input": [[0.5, 0.25]], "target": [[1.0, 1.0]], "weight": [[1.0, 2.0]], "positive": [[0.0, 1.0]], "negative": [[1.0, 1.0]],
    "anchor": [[1.0, 0.0]], "input1": [[1.0, 0.0]], "input2": [[1.0, 0.0]], "kernel_size": 2, "output_size": 2,
    "params": [nn.Parameter([1.0])], "optimizer": nn.optim.SGD([nn.Parameter([1.0])]), "lr_lambda": float, "milestones": [1],
    "dataset": [1, 2], "max_lr": 0.1, "total_steps": 2, "num_groups": 1, "num_channels": 1, "embed_dim": 2, "num_heads": 1, "d_model": 2, "nhead": 1,
}  # fmt: skip


@pytest.mark.parametrize(("name", "parameter"), REFUSED)
def test_another_value_is_refused_with_a_reason(name, parameter):
    _, instead = names.PARAMETERS[parameter]
    required = {
        p.name: REQUIRED.get(p.name, 1)
        for p in inspect.signature(ours(name)).parameters.values()
        if p.default is p.empty and p.name != "self"
    }
    if "functional.embedding" in name:
        required["input"] = [[0]]
    with pytest.raises(TypeError, match=f"got {parameter}=") as caught:
        ours(name)(**required, **{parameter: 7})
    assert instead in str(caught.value)


@pytest.mark.parametrize(
    "name", ["nn.Linear", "nn.LSTM", "nn.BatchNorm2d", "nn.MultiheadAttention", "nn.Conv1d"]
)
def test_the_only_device(name):
    sizes = {
        "nn.Linear": (1, 1),
        "nn.LSTM": (1, 1),
        "nn.BatchNorm2d": (1,),
        "nn.MultiheadAttention": (1, 1),
        "nn.Conv1d": (1, 1, 1),
    }
    ours(name)(*sizes[name], device="cpu")
    with pytest.raises(TypeError, match="got device='cuda'; expected None; leave it out"):
        ours(name)(*sizes[name], device="cuda")


def test_every_difference_is_one():
    """An entry of the table names a parameter that we have, and says why in a sentence."""
    for key, why in names.DIFFERENCES.items():
        assert why.strip() and why[0].islower()
        head, _, rest = key.partition("(")
        if rest:
            function = ours(head.replace("F.", "nn.functional."))
            for parameter in rest.rstrip(")").split(", "):
                assert parameter in inspect.signature(function).parameters


@pytest.mark.parametrize("parameter", names.UNUSED_PARAMETERS)
def test_unused_parameters_are_no_refused_ones(parameter):
    assert parameter not in names.PARAMETERS


def test_inplace_has_no_effect():
    x = nn.Parameter([-1.0, 2.0])
    for name in COMPARED:
        takes = inspect.signature(ours(name)).parameters
        if name.startswith("nn.functional.") and "dropout" not in name and "inplace" in takes:
            ours(name)(x, *((0.5, 0.0) if "threshold" in takes else ()), inplace=True)
    assert x.tolist() == [-1.0, 2.0]


def test_the_options_of_methods():
    model = nn.Sequential(nn.Linear(1, 1))
    assert list(model.state_dict(prefix="model.")) == ["model.0.weight", "model.0.bias"]
    kept = model.state_dict(keep_vars=True)
    assert kept["0.weight"] is model[0].weight
    assert model.load_state_dict(state_dict=kept).missing_keys == []
    model.apply(fn=lambda module: None)
    assert model.get_submodule(target="0") is model[0]
    model.register_buffer("a", tensor=[1.0])
    model.register_parameter("b", param=None)
    assert len(nn.ParameterList().append(value=_PARAMETER).extend(values=[_PARAMETER])) == 2
    assert nn.data.default_collate(batch=[1, 2]).tolist() == [1, 2]
    assert len(list(nn.Sequential(model, model).modules(remove_duplicate=False))) == 5
    calls = []
    model.register_forward_hook(lambda *_: calls.append("first"))
    model.register_forward_hook(lambda *_: calls.append("prepended"), prepend=True)
    model([[1.0]])
    assert calls == ["prepended", "first"]
