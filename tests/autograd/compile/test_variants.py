"""Several programs of one step: batches of many sizes must not cost more than they save."""

from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile import variants
from autograd.compile.program import Program
from autograd.compile.variants import Variants, outline
from tests.autograd.compile.building import compiled, the_same


def test_outlines():
    x = np.ones((2, 3))
    pairs = [
        (x, x + 1.0),
        ((x, 1.0, "a"), (x, 2.0, "b")),
        ({"x": [x]}, {"x": [x, x]}),  # a list may grow
        (ag.Tensor(x), ag.Tensor(x * 2.0)),
        (SimpleNamespace(x=1), SimpleNamespace(x=x)),
    ]
    for a, b in pairs:
        assert outline(a) == outline(b) and hash(outline(a)) == hash(outline(b))
    others = [
        x[:1],
        x.astype("f"),
        1.0,
        1,
        None,
        [x],
        (x,),
        {"y": x},
        ag.Tensor(x),
        ag.Tensor(x[0]),
    ]
    assert len({*map(outline, others)}) == len(others)


def made_of(calls=0):
    return SimpleNamespace(calls=calls, program=Program([], [], []))


def test_what_must_earn_its_program():
    v = Variants()
    batches = [np.ones(n) for n in range(1, 30)]
    assert v.pays((batches[0],), {})
    v.took(1.0)
    assert v.pays((batches[0],), {})
    v.keep("first", made_of(10))
    v.took(1.0)
    assert not any(v.pays((x,), {}) for x in batches[1:] * 3)  # nothing was saved yet
    v.plainly(lambda: None, (), {})
    v._seconds, v._calls = 10.0, 1.0  # a slow step: ten seconds a call
    assert v.pays((batches[3],), {})
    v._seconds = 2.0  # 2 seconds, of which a tenth of 11 calls may be spent
    assert v.pays((batches[3],), {})  # what was begun is brought to its end
    assert not v.pays((batches[4],), {})
    assert "arguments of 29 shapes came" in v.notes()[0] and "pad batches" in v.notes()[0]


def test_a_second_shape_that_comes_often():
    v = Variants()
    full, last = (np.ones(8),), (np.ones(3),)
    v.pays(full, {})
    v.keep("full", made_of(4))
    assert [v.pays(last, {}) for _ in range(3)] == [False, True, True]
    v.keep("last", made_of())
    assert v.last is v.programs["last"]
    assert v.others(full, {}) == ["full"] and v.others(last, {}) == []
    v.use("full")
    assert v.last is v.programs["full"]
    assert v.others(last, {}) == ["last"] and v.others(full, {}) == []
    v.forget("full")
    assert v.last is v.programs["last"]


def test_how_many_are_kept(monkeypatch):
    v = Variants()
    for n in range(variants.MANY + 5):
        v.keep(n, made_of())
    assert [*v.programs] == [*v.outlines] == list(range(5, variants.MANY + 5))
    monkeypatch.setattr(variants, "MEMORY", -1)
    v.keep("large", made_of())
    assert len(v.programs) == variants.FEW and [*v.programs][-1] == "large"
    assert not v.pays((), {})  # so many were made that each further one must earn its place


@pytest.mark.parametrize("sizes", [12, 40])
def test_many_sizes_of_batches(sizes):
    def trained(wrap):
        ag.random.seed(0)
        model = nn.Linear(3, 2)
        optimizer = nn.optim.SGD(model.parameters(), lr=0.1)

        def step(x, y):
            optimizer.zero_grad()
            loss = nn.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            return loss.item()

        step = wrap(step)
        losses = []
        for n in range(120):
            rows = 3 + n % sizes
            x = np.sin(np.arange(rows * 3.0) + n).reshape(rows, 3)
            losses.append(step(x, np.arange(rows) % 2))
        return losses, step

    losses, step = trained(compiled)
    assert losses == trained(lambda f: f)[0]
    assert step._learner.traces <= 8 and step.programs
    assert f"arguments of {sizes} shapes came" in step.report()


OTHERS = {
    "shape": np.ones((3, 2)),
    "dtype": np.ones((2, 3), "f"),
    "layout in memory": np.asfortranarray(np.ones((2, 3))),
    "type": 1.0,
}


@pytest.mark.parametrize("fact", OTHERS)
def test_what_varies_is_named(fact):
    step = compiled(lambda x: x * 2.0)
    for x in (np.ones((2, 3)), OTHERS[fact]) * 2 + (OTHERS[fact],):
        step(np.ones((2, 3)))
        assert the_same(step(x), x * 2.0)
    assert f": the {fact} of x" in step.report(), step.report()
