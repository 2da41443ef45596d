"""What Python saw of a graph, and what is forgotten with it."""

import _thread
import gc
import sys
import threading
import types
import weakref

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine import looking


def leaf(*data):
    return ag.Tensor(np.array(data or (1.0, -1.0)), requires_grad=True)


def of_library(function, module="autograd.example"):
    """A function as if a module of a library had it."""
    return types.FunctionType(
        function.__code__,
        function.__globals__ | {"__name__": module},
        function.__name__,
        closure=function.__closure__,
    )


def line_before():
    """How a look is told of that was in the line before the call of this."""
    return f"line {sys._getframe(1).f_lineno - 1} of test_looking.py"


# --- looks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "numbers", "who"),
    [
        (False, False, False, 0),
        (False, True, True, 1),
        (True, False, True, 0),
        (True, True, True, 0),
    ],
)
def test_the_first_look_counts_and_one_for_numbers_counts_more(first, second, numbers, who):
    x = leaf()
    one, lines = x * 2.0, []
    looking.look(one, numbers=first)
    lines.append(line_before())
    number = looking.look_at(x.data).number
    for y in (x * 3.0, one):
        looking.look(y, numbers=second)
        lines.append(line_before())
    for node, at in ((x, who), (one, 2 * who)):
        seen = looking.look_at(node.data)
        assert (seen.numbers, seen.who, seen.number) == (numbers, lines[at], number)


def test_a_look_gives_the_data_and_asks_for_no_numbers_unless_told():
    x, array = leaf(), np.ones(2)
    assert looking.look(x) is x.data and looking.look(array) is array and looking.look(3) == 3
    assert looking.look_at(x.data).numbers is False and looking.look_at(array) is None


@pytest.mark.parametrize("numbers", [False, True])
def test_a_second_look_at_a_result_is_none_at_the_new_data_of_its_leaf(numbers):
    x = leaf()
    y = x * 2.0
    looking.look(y, numbers)
    x.data = [3.0, 4.0]
    looking.look(y, numbers)
    assert looking.look_at(y.data) and looking.look_at(x.data) is None


def test_a_look_dies_with_its_array():
    x = leaf()
    looking.look(x)
    data, key = weakref.ref(x.data), id(x.data)
    assert key in looking._looks
    del x
    assert data() is None and key not in looking._looks


def test_a_look_at_what_is_forgotten_is_one_at_what_it_came_from():
    x = leaf()
    (x * 2.0).argmax()
    assert looking.look_at(x._data).numbers
    y = leaf()
    named = y * 2.0
    named.name = "twice"
    (named + 1.0).argmin()
    assert looking.look_at(y.data).numbers and looking.look_at(named.data).numbers


def test_a_look_goes_back_so_many_nodes_and_no_further():
    chain = [leaf()]
    for _ in range(2 * looking.MOST_BEFORE):
        chain.append(chain[-1] * 2.0)
    looking.look(chain[-1])
    seen = [looking.look_at(node.data) is not None for node in reversed(chain)]
    assert seen == [i < looking.MOST_BEFORE for i in range(len(chain))]


class Gated(nn.Module):
    """Looks at a part of itself, which is over, and uses the place."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(2, 2)

    def forward(self, x):
        return x[self.gate(x).argmax()] * 2.0


def test_what_a_module_has_given_is_looked_at_for_a_report():
    net, x = nn.Sequential(nn.Linear(2, 2)), leaf()
    y = net(x)
    (y * 3.0).argmax()
    assert looking.look_at(y.data) and looking.look_at(x.data) is None
    assert looking.look_at(net[0].weight.data) is None


def test_a_module_that_is_running_looks_at_what_it_computes_from():
    net, x = Gated(), leaf()
    net(x)
    assert looking.look_at(x.data) and looking.look_at(net.gate.weight.data)


def test_a_part_of_a_computation_is_no_module():
    x = leaf()
    with ag.part("twice"):
        y = x * 2.0
    y.argmax()
    assert looking.look_at(x.data).numbers


# --- who looked -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "name"),
    [(ag.sort, "sort"), (ag.median, "median"), (lambda x: ag.nanmean(x), "nanmean")],
)
def test_a_look_of_a_function_has_its_name(function, name):
    x = leaf()
    function(x)
    assert looking.look_at(x.data).who == name


def test_a_look_of_a_method_has_the_line_of_the_program():
    x = leaf()
    x.argmax()
    assert looking.look_at(x.data).who == line_before()


@pytest.mark.parametrize(
    ("module", "who"),
    [
        ("nn.functional.example", "outer"),
        ("autograd.numpy.example", "outer"),
        ("nn.layers.example", None),
        ("program.autograd.numpy.example", None),
    ],
)
def test_a_function_that_is_called_by_a_public_one_has_its_name(module, who):
    x = leaf()

    def _inner():
        looking.look(x)

    _inner = of_library(_inner, module)

    def outer():
        _inner()

    of_library(outer, module)()
    found = looking.look_at(x.data).who
    assert found == who if who else found.endswith(" of test_looking.py")


def test_a_thread_that_a_library_begins_has_no_line():
    x, y, done = leaf(), leaf(), threading.Event()
    looking.look(y)

    def work():
        try:
            looking.look(x)
        finally:
            done.set()

    _thread.start_new_thread(of_library(work), ())
    assert done.wait(10) and looking.look_at(x.data).who == ""
    assert looking.look_at(y.data).who != ""


# --- conditions -----------------------------------------------------------------------------------


def test_a_comparison_is_known_as_long_as_its_array_lives():
    x = ag.Tensor([1.0, -1.0], requires_grad=True)
    mask = x > 0
    made = looking.made_of(mask)
    assert made.arguments[0]() is x.data and made.function(x.data, 0).tolist() == [True, False]
    assert made.arguments[1] == 0
    assert looking.made_of(np.array([True, False])) is None
    held = len(looking.conditions)
    del mask, made
    assert len(looking.conditions) == held - 1


def test_a_mask_of_the_program_keeps_no_graph():
    x = ag.Tensor([1.0, -1.0], requires_grad=True)
    y = x * 2.0
    mask, seen = y > 0, weakref.ref(y.data)
    del y
    gc.collect()
    assert seen() is None and mask.tolist() == [True, False]


def test_a_condition_of_a_library_has_its_nodes_and_is_in_no_hands_of_the_program():
    x = leaf()
    mask = of_library(lambda: x > 0)()
    made = looking.made_of(mask)
    assert made.arguments == (x, 0) and made.sight is None
    del mask, made
    looking.settle()
    assert looking.look_at(x.data) is None


def test_a_condition_of_a_library_is_known_even_of_one_number():
    x = leaf(2.0).sum()
    mask = of_library(lambda: x > 0)()
    assert type(mask) is np.ndarray and mask.shape == () and mask
    assert looking.made_of(mask).arguments == (x, 0)


def test_a_condition_of_one_number_is_a_look_for_numbers():
    x = leaf(2.0).sum()
    assert type(x > 0) is np.bool_ and looking.look_at(x.data).numbers


def test_a_condition_of_plain_data_is_what_the_function_gives():
    assert looking.condition(lambda a, b: a + b, 2, 3) == 5


def test_a_condition_of_numbers_is_pythons():
    v = ag.Value(2.0)
    above = lambda: looking.condition(lambda a: a > 1.0, v)
    assert above() is True and of_library(lambda: above())() is True


def test_a_condition_that_a_node_takes_at_once_is_no_look():
    x = ag.Tensor([1.0, -1.0], requires_grad=True)
    ag.where(x > 0, x, 0.0)
    assert looking.look_at(x._data) is None
    mask = x > 0
    ag.where(mask, x, 0.0)
    looking.settle()
    seen = looking.look_at(x._data)
    assert seen.who.endswith("of test_looking.py") and mask[0] and not seen.numbers


def test_the_copy_that_a_node_keeps_of_a_condition_is_known_and_no_look():
    x = leaf()
    y = ag.where(x > 0, x, 0.0)
    made = looking.made_of(y.saved[0])
    assert made.function(x.data, *made.arguments[1:]).tolist() == y.saved[0].tolist()
    looking.settle()
    assert looking.look_at(x.data) is None
    plain = ag.where(np.array([True, False]), x, 0.0)
    assert looking.made_of(plain.saved[0]) is None


def test_a_condition_that_no_node_took_is_a_look_at_its_line():
    x = leaf()
    assert (x > 0).any()
    expected = line_before()
    assert looking.look_at(x.data) is None
    looking.settle()
    assert looking.look_at(x.data)[2:] == (False, expected)


def test_only_so_many_conditions_of_the_program_are_remembered():
    x, y, z = leaf(), leaf(), leaf()
    _ = x > 0
    _ = y > 0
    for _ in range(looking.LATEST - 1):
        _ = z > 0
    looking.settle()
    assert looking.look_at(x.data) is None
    assert looking.look_at(y.data) and looking.look_at(z.data)


def test_a_condition_whose_array_is_gone_is_no_look():
    x = leaf()
    y = x * 2.0
    _ = y > 0
    del y
    looking.settle()
    assert looking.look_at(x.data) is None


# --- what `detach` leaves behind ------------------------------------------------------------------


def computed(step):
    """The result of a step, from what is left of its arguments."""
    data = []
    for array, before in step.arguments:
        datum = array() if isinstance(array, weakref.ref) else array
        data.append(computed(before) if before is not None else datum)
    return step.function(*data)


def length(step):
    return 1 + sum(length(before) for _, before in step.arguments if before is not None)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * 3.0,
        lambda x: 2.0 - ag.exp(x) * x,
        lambda x: x.reshape(1, -1).sum(axis=0),
        lambda x: x[1:] * 2.0,
    ],
    ids=["one", "several", "static", "index"],
)
def test_what_was_detached_can_be_computed_again(function):
    x = leaf()
    y = function(x).detach()
    step = looking.cut_from(y.data)
    assert computed(step).tolist() == y.data.tolist()


def test_an_argument_that_is_a_leaf_is_its_data():
    x, constant = leaf(), ag.Tensor([1.0, 2.0])
    y = (x * constant).detach()
    one, other = looking.cut_from(y.data).arguments
    assert one.array() is x.data and one.step is None
    assert other.array() is constant.data and other.step is None


def test_what_was_detached_from_something_detached():
    x = leaf()
    first = (x * 3.0).detach()
    y = (first * x).detach()
    mul = looking.cut_from(y.data)
    assert mul.arguments[0].array() is first.data
    assert mul.arguments[0].step is looking.cut_from(first.data)
    assert computed(mul).tolist() == [3.0, 3.0]


def test_what_nobody_can_compute_again_is_not_held():
    x = leaf()
    with ag.no_grad():
        lost = ag.exp(x)
    y = (lost * x).detach()
    assert looking.cut_from(lost.data) is None
    assert looking.cut_from(y.data).arguments[0] == (None, None)


@pytest.mark.parametrize("make", [lambda x: x, lambda x: x.detach() * 2.0], ids=["leaf", "cut"])
def test_what_has_no_graph_is_not_cut(make):
    y = make(leaf())
    assert looking.cut_from(y.detach().data) is None


def test_so_many_operations_before_a_cut_are_remembered():
    y = leaf()
    for _ in range(2 * looking.MOST_CUT):
        y = y * 2.0
    z = y.detach()
    assert length(looking.cut_from(z.data)) == looking.MOST_CUT


def test_a_cut_holds_no_array_and_dies_with_its_own():
    gc.collect()
    x = leaf()
    y = x * 2.0
    z = ag.exp(y).detach()
    between, held = weakref.ref(y.data), len(looking.cuts)
    del y
    gc.collect()
    assert between() is None and len(looking.cuts) == held
    del z
    assert len(looking.cuts) == held - 1
