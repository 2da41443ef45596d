"""Kept graphs are noticed, once, at the user's line; nothing else is."""

import _thread
import gc
import importlib.util
import threading
import types
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd.engine import backward, kept
from benchmarks.anatomy import calls_in

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])
ENOUGH = kept.EVERY * (kept.MANY + 2)


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    kept.forget()
    monkeypatch.setattr(backward, "_passes", 0)
    yield
    kept.forget()


@KINDS
def test_a_list_of_losses_is_noticed_once_at_the_users_line(make):
    w, losses = make(1.0), []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3 * ENOUGH):
            loss = w * w
            loss.backward()
            losses.append(loss)
    [warning] = caught
    assert warning.filename == __file__ and warning.category is UserWarning
    assert str(warning.message) == (
        "backward: got results of some 128 earlier passes that are kept with their graphs; expected "
        "those of the last few; keep loss.item(), or y.detach() for an array, or memory grows with "
        "every step"
    )


@KINDS
def test_a_running_mean_keeps_all_losses(make):
    w, running = make(1.0), 0.0
    with pytest.warns(UserWarning, match=r"keep loss\.item\(\)"):
        for _ in range(ENOUGH):
            loss = w * w
            running = 0.9 * running + 0.1 * loss
            loss.backward()


def test_of_two_losses_in_a_step_one_is_kept():
    w, losses = ag.Value(1.0), []
    with pytest.warns(UserWarning, match="kept with their graphs"):
        for _ in range(ENOUGH):
            first, second = w * w, w * 2.0
            second.backward()
            first.backward()
            if len(losses) % 2:
                losses.append(second)
            losses.append(first)


@KINDS
@pytest.mark.parametrize(
    "keep",
    [
        lambda loss: None,
        lambda loss: ag.data_of(loss),
        lambda loss: loss.detach(),
        lambda loss: loss.item() if hasattr(loss, "item") else loss.data,
    ],
    ids=["nothing", "data", "detached", "item"],
)
def test_what_holds_no_graph_is_not_noticed(make, keep):
    w, losses = make(1.0), []
    for _ in range(2 * ENOUGH):
        loss = w * w
        loss.backward()
        losses.append(keep(loss))
    assert len(losses) == 2 * ENOUGH


def test_results_that_were_all_there_before_are_no_growing_history():
    w = ag.Value(1.0)
    losses = [w * float(k) for k in range(2 * ENOUGH)]
    for loss in losses:
        loss.backward()


def test_keeping_a_few_is_no_growing_history():
    w, few = ag.Value(1.0), []
    for _ in range(4 * ENOUGH):
        loss = w * w
        loss.backward()
        few = [*few, loss][-20:]


def test_unrolled_optimization_and_second_derivatives_are_not_noticed():
    """They keep graphs on purpose, and ask for gradients rather than for `.grad`."""
    lr, w = ag.Tensor(0.01, requires_grad=True), ag.Tensor(1.0, requires_grad=True)
    path = [w]
    for _ in range(ENOUGH):
        [g] = ag.gradients(path[-1] ** 2, [path[-1]], create_graph=True)
        path.append(path[-1] - lr * g)
    path[-1].backward()
    for _ in range(ENOUGH):
        ag.hvp(lambda x: (x**3).sum(), np.ones(2), np.ones(2))


def test_a_mark_changes_nothing_that_can_be_seen():
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    for _ in range(kept.EVERY):
        y = (x * x).sum()
        seen = []
        y.register_hook(seen.append)
        y.retain_grad()
        y.name = "y"
        y.backward()
    assert isinstance(y.note, kept._Mark) and y.note.acts
    assert y.name == "y" and seen == [1.0] and y.grad == 1.0
    y.backward()
    assert seen == [1.0, 1.0]
    z = x.sum()
    kept.look(x)
    assert x.note is None, "a leaf is no result"
    kept.look(z)
    assert z.module == "" and not z.note.acts


def test_a_mark_dies_with_its_root():
    w = ag.Value(1.0)
    gc.disable()
    try:
        for _ in range(kept.EVERY * 3):
            loss = w * w
            loss.backward()
        del loss
        assert len(kept._marks) == 3 and all(mark() is None for mark, _ in kept._marks)
    finally:
        gc.enable()


def test_looking_costs_two_calls_a_pass():
    w = ag.Tensor(1.0, requires_grad=True)
    roots = [w * w for _ in range(kept.LOOKED_AT + 1)]
    for root in roots[:-1]:
        kept.look(root)
        kept._told = False
    kept._told = True
    assert calls_in(lambda: kept.look(roots[-1])) < 4
    kept._told = False
    del roots[:-1]
    assert calls_in(lambda: kept.look(roots[-1])) < 4 * kept.EVERY


def test_another_thread_that_adds_a_mark_meanwhile():
    """The reference of a mark stands for the moment at which the other thread has its turn."""

    def turn():
        kept._marks.append((lambda: None, 0))

    kept._marks.extend([(turn, 0), (turn, 0)])
    x = ag.Value(2.0)
    kept.look(x * x)
    assert len(kept._marks) == 2 + 1 + 2


@KINDS
def test_the_warning_comes_after_as_many_passes_as_it_says(make):
    w, losses = make(1.0), []
    for _ in range(127):
        losses.append(w * w)
        losses[-1].backward()
    losses.append(w * w)
    with pytest.warns(UserWarning, match="some 128 earlier passes"):
        losses[-1].backward()


def test_leaves_that_are_differentiated_and_kept_hold_no_graph():
    leaves = []
    for _ in range(2 * ENOUGH):
        leaves.append(ag.Value(1.0))
        leaves[-1].backward()
    assert all(x.note is None for x in leaves)


def test_a_few_of_many_are_no_growing_history():
    """Of the last marks, a quarter is alive."""
    w, few = ag.Value(1.0), []
    for step in range(4 * kept.LOOKED_AT * kept.EVERY):
        loss = w * w
        loss.backward()
        if step % (4 * kept.EVERY) == kept.EVERY - 1:
            few.append(loss)
    assert len(few) == kept.LOOKED_AT


def test_a_program_without_functions_is_told_as_well():
    """Its frame is the first of all where nothing called it, as in a thread that begins with it."""
    lines = ["w, losses = Value(1.0), []", f"for _ in range({ENOUGH}):", "  losses.append(w * w)"]
    lines += ["  losses[-1].backward()", "done.set()"]
    done = threading.Event()
    given = {"__name__": "program", "Value": ag.Value, "done": done}
    program = types.FunctionType(compile("\n".join(lines), "program.py", "exec"), given)
    for begin in (program, lambda: _thread.start_new_thread(program, ())):
        kept.forget()
        done.clear()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            begin()
            assert done.wait(20)
        [warning] = caught
        assert (warning.filename, warning.lineno) == ("program.py", 4)


def test_nobody_was_warned_at_first():
    fresh = importlib.util.module_from_spec(kept.__spec__)
    kept.__spec__.loader.exec_module(fresh)
    x, held = ag.Value(1.0), []
    with pytest.warns(UserWarning, match="kept with their graphs"):
        for _ in range(fresh.MANY):
            held.append(x * x)
            fresh.look(held[-1])
