"""Everything that Python can read, changed between calls: the program sees it, or does not run."""

import collections
import contextvars
import copy
import dataclasses
import enum
import functools
import math
import operator
import types
import weakref

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.compile.building import compiled, the_same

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)
RATE = 2.0
TABLE = np.arange(3.0)
OPTIONS = {"scale": 2.0, "names": ["a", "b"]}
config = types.ModuleType("a_config")
config.rate = 3.0
config.array = np.ones(3)


class Mode(enum.Enum):
    UP = 1
    DOWN = 2


class Slotless:
    rate = 2.0


CONTEXT = contextvars.ContextVar("CONTEXT", default=2.0)


def defaulted(x, by=2.0):
    return x * by


defaulted.rate = 2.0


def replaced(x):
    return x * 1.0


def double(x):
    return x * 2.0


class Scaled:
    factor = 2.0

    def __init__(self):
        self.rate, self.flag, self.word, self.nothing = 2.0, True, "add", None
        self.pair, self.items, self.table = (1.0, 2.0), [1.0, 2.0], {"a": 1.0}
        self.array, self.chosen, self.kind = np.ones(3), {1, 2}, Mode.UP
        self.queue = collections.deque([1.0, 2.0])
        self.function = np.sin
        self.inner = types.SimpleNamespace(rate=3.0)
        self.kept = Slotless()
        self.weak, self.where = weakref.ref(self.kept), slice(0, 2)

    def doubled(self, x):
        return x * 2.0

    @staticmethod
    def tripled(x):
        return x * 3.0

    @property
    def double(self):
        return 2.0 * self.rate

    def __call__(self, x):
        return x * self.rate


class Other(Scaled):
    def doubled(self, x):
        return x * 9.0


@dataclasses.dataclass(slots=True)
class Slotted:
    rate: float = 2.0
    array: object = None


class Case:
    """A step on an object, and ways to change the object."""

    def __init__(self, step, *changes, make=Scaled):
        self.step, self.changes, self.make = step, changes, make


METHODS = Scaled.doubled, vars(Scaled)["tripled"]


def setter(word, value):
    return lambda o: setattr(o, word, value)


def global_setter(word, value):
    return lambda o: globals().__setitem__(word, value)


def rate_of(o):
    return o.rate


READS = {
    "an attribute": Case(lambda o, x: x * o.rate, setter("rate", 3.0), setter("rate", -1.5)),
    "an int for a float": Case(lambda o, x: x // 1 + (o.rate == 2) * isinstance(o.rate, int),
                               setter("rate", 2), setter("rate", 2.0)),
    "the sign of a zero": Case(lambda o, x: math.copysign(1.0, o.rate) * x,
                               setter("rate", 0.0), setter("rate", -0.0)),
    "a flag": Case(lambda o, x: x if o.flag else -x, setter("flag", False)),
    "a word": Case(lambda o, x: x + 1 if o.word == "add" else x - 1, setter("word", "subtract")),
    "None": Case(lambda o, x: x if o.nothing is None else x * o.nothing, setter("nothing", 3.0)),
    "a tuple": Case(lambda o, x: x * o.pair[1], setter("pair", (1.0, 5.0)),
                    setter("pair", (1.0, 6.0, 7.0))),
    "a list": Case(lambda o, x: x * sum(o.items), lambda o: o.items.append(4.0),
                   lambda o: o.items.__setitem__(0, 9.0), lambda o: o.items.pop()),
    "a dictionary": Case(lambda o, x: x * sum(o.table.values()), lambda o: o.table.update(b=3.0),
                         lambda o: o.table.update(a=7.0), lambda o: o.table.clear()),
    "a set": Case(lambda o, x: x * len(o.chosen) + (1 in o.chosen), lambda o: o.chosen.add(9),
                  lambda o: (o.chosen.discard(1), o.chosen.add(8))),
    "a deque": Case(lambda o, x: x * o.queue[0] + len(o.queue), lambda o: o.queue.rotate(),
                    lambda o: o.queue.append(5.0)),
    "an enumeration": Case(lambda o, x: x if o.kind is Mode.UP else -x, setter("kind", Mode.DOWN)),
    "a function": Case(lambda o, x: o.function(x), setter("function", np.cos)),
    "an object inside": Case(lambda o, x: x * o.inner.rate, lambda o: setattr(o.inner, "rate", 9.0),
                             setter("inner", types.SimpleNamespace(rate=1.0))),
    "an array": Case(lambda o, x: x + o.array, lambda o: o.array.__iadd__(1.0),
                     setter("array", np.full(3, 7.0)), setter("array", np.full((2, 3), 7.0)),
                     setter("array", np.ones(3, np.float32))),
    "an attribute of a class": Case(lambda o, x: x * o.factor, setter("factor", 5.0),
                                    lambda o: setattr(type(o), "factor", 4.0),
                                    lambda o: vars(o).pop("factor", None)),
    "a new attribute": Case(lambda o, x: x * getattr(o, "extra", 1.0), setter("extra", 5.0)),
    "a property": Case(lambda o, x: x * o.double, setter("rate", 5.0)),
    "a call of an object": Case(lambda o, x: o(x), setter("rate", 5.0)),
    "a method": Case(
        lambda o, x: o.doubled(x), lambda o: setattr(Scaled, "doubled", lambda self, x: x * 5.0),
        lambda o: setattr(o, "doubled", lambda x: x * 7.0),
    ),
    "a class": Case(lambda o, x: o.doubled(x), lambda o: setattr(o, "__class__", Other)),
    "a static method": Case(lambda o, x: o.tripled(x),
                            lambda o: setattr(Scaled, "tripled", staticmethod(lambda x: x * 4.0))),
    "an order": Case(lambda o, x: x * next(iter(o.table.values())),
                     lambda o: o.table.update(b=7.0),
                     lambda o: o.table.update(a=o.table.pop("a"))),
    "a slice": Case(lambda o, x: x[o.where] * 1.0, setter("where", slice(0, 1)), setter("where", slice(1))),
    "a weak reference": Case(lambda o, x: x * o.weak().rate, lambda o: setattr(o.weak(), "rate", 4.0)),
    "a context variable": Case(lambda o, x: x * CONTEXT.get(), lambda o: CONTEXT.set(3.0)),
    "a default": Case(lambda o, x: defaulted(x), lambda o: setattr(defaulted, "__defaults__", (5.0,))),
    "a code": Case(lambda o, x: replaced(x), lambda o: setattr(replaced, "__code__", double.__code__)),
    "an attribute of a function": Case(lambda o, x: x * defaulted.rate,
                                       lambda o: setattr(defaulted, "rate", 5.0)),
    "a builtin": Case(lambda o, x: x * max(1.0, 2.0), global_setter("max", lambda *x: 7.0),
                      lambda o: globals().pop("max")),
    "a slot": Case(lambda o, x: x * o.rate, setter("rate", 5.0), make=Slotted),
    "an array in a slot": Case(lambda o, x: x if o.array is None else x * o.array,
                               setter("array", np.ones(3)), setter("array", np.full(3, 2.0)),
                               make=Slotted),
    "a global number": Case(lambda o, x: x * RATE, global_setter("RATE", 5.0)),
    "a global array": Case(lambda o, x: x * TABLE, lambda o: TABLE.__imul__(2.0),
                           global_setter("TABLE", np.full(3, 4.0))),
    "a global dictionary": Case(lambda o, x: x * OPTIONS["scale"] + len(OPTIONS["names"]),
                                lambda o: OPTIONS.update(scale=7.0),
                                lambda o: OPTIONS["names"].append("c")),
    "a module that a function gets": Case(lambda o, x: x * rate_of(config), lambda o: setattr(config, "rate", 8.0)),
    "a module by a computed name": Case(lambda o, x: x * getattr(config, "ra" + o.word[:0] + "te"), lambda o: setattr(config, "rate", 8.0)),
    "a module": Case(lambda o, x: x * config.rate + config.array,
                     lambda o: setattr(config, "rate", 8.0),
                     lambda o: config.array.__iadd__(1.0)),
    "a function of a global": Case(lambda o, x: x * rate_of(o), setter("rate", 5.0)),
    "a number by format": Case(lambda o, x: x * len(f"{o.rate}"), setter("rate", 5.125)),
    "a number by math": Case(lambda o, x: x * math.cos(o.rate), setter("rate", 5.125)),
    "a number as a length": Case(lambda o, x: np.zeros(int(o.rate)) + x.sum(), setter("rate", 5.0)),
    "a number as a key": Case(lambda o, x: x * {2.0: 1.0, 3.0: 5.0}[o.rate], setter("rate", 3.0)),
    "a number in a comparison": Case(lambda o, x: x if o.rate > 2.5 else -x, setter("rate", 3.0),
                                     setter("rate", 4.0), setter("rate", 1.0)),
    "arithmetic of numbers": Case(
        lambda o, x: x * (1 - o.rate**2 // 3 % 2 + round(o.rate / 7, 2) - abs(-o.rate)),
        setter("rate", 3.0), setter("rate", 4.5), setter("rate", 7),
    ),
    "a number with a Tensor": Case(
        lambda o, x: (ag.Tensor(x) * o.rate + o.rate / ag.Tensor(x + 9.0) + ag.maximum(x, o.rate)).data,
        setter("rate", 3.0), setter("rate", 4.5), setter("rate", 7),
    ),
    "a function of a number": Case(lambda o, x: x * ag.exp(o.rate) + ag.maximum(o.rate, 2.5),
                                   setter("rate", 3.1), setter("rate", 4.5)),
    "a number with float32": Case(lambda o, x: x.astype(np.float32) * o.rate, setter("rate", 0.1),
                                  setter("rate", 0.3)),
    "a number with a scalar": Case(lambda o, x: np.float32(3.0) * o.rate + o.rate * x.sum(),
                                   setter("rate", 0.1), setter("rate", 0.3)),
}  # fmt: skip


@pytest.fixture
def restored():
    space = globals()
    kept = {k: copy.deepcopy(space[k]) for k in ("RATE", "TABLE", "OPTIONS")}
    yield
    space.update(kept)
    config.rate, config.array, Scaled.factor = 3.0, np.ones(3), 2.0
    Scaled.doubled, Scaled.tripled = METHODS
    defaulted.rate, defaulted.__defaults__ = 2.0, (2.0,)
    CONTEXT.set(2.0)


@pytest.mark.parametrize("name", READS)
def test_what_is_read_may_change(name, restored):
    case = READS[name]
    o = case.make()
    step = compiled(lambda x: case.step(o, x))
    for change in (lambda o: None, *case.changes):
        change(o)
        for k in range(5):
            assert the_same(step(X + k), case.step(o, X + k)), (name, k, step.report())


@pytest.mark.parametrize("name", READS)
def test_most_of_them_become_programs(name, restored):
    case = READS[name]
    o = case.make()
    step = compiled(lambda x: case.step(o, x))
    for k in range(6):
        step(X + k)
    assert step.programs, step.report()


ARGUMENTS = [
    (X,), (X.astype(np.float32),), (X[:1],), (X, 2.0), (X, 3.0), (X, 3), (X, True), (X, "a"),
    ([X, X + 1],), ((X, X),), ({"a": X},), ({"b": X, "a": 2.0},), (X, None), (ag.Tensor(X),),
    (X.T,), (np.asfortranarray(X),), (X > 0,), (2.5,), (4,), (4, 5),
]  # fmt: skip


def by_type(*args, **kwargs):
    total = 0.0
    for x in (*args, *kwargs.values()):
        for y in x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else [x]:
            if isinstance(y, str) or y is None:
                total = total + 1.0
            elif isinstance(y, ag.Tensor):
                total = total + y.data.sum() * 7.0
            elif isinstance(y, bool):
                total = total + 3.0
            elif isinstance(y, int):
                total = total + y * 100
            else:
                total = total + y * 2.0
    return total


def test_arguments_of_all_kinds():
    step, generator = compiled(by_type), np.random.default_rng(0)
    for i in (*np.repeat(np.arange(len(ARGUMENTS)), 3), *generator.integers(0, len(ARGUMENTS), 60)):
        args = ARGUMENTS[i]
        assert the_same(step(*args), by_type(*args)), (args, step.report())
        if len(args) == 2:
            assert the_same(step(args[0], extra=args[1]), by_type(args[0], extra=args[1]))


def test_learning_rates_make_no_new_program():
    w = ag.Tensor(np.ones(3), requires_grad=True)
    optimizer = nn.optim.SGD([w], lr=0.1, momentum=0.9)
    scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, 40)

    @compiled
    def step(x):
        optimizer.zero_grad()
        ((w * x) ** 2).sum().backward()
        optimizer.step()

    for _ in range(30):
        step(X)
        scheduler.step()
    assert len(step.programs) == 1 and step._learner.traces <= 4, step.report()


class Trainer:
    def __init__(self):
        self.rate, self.history, self.seen = 2.0, [], 0

    @compiled
    def step(self, x):
        return x * self.rate + self.bias()

    def bias(self):
        return 1.0

    def run(self, x):
        y = self.step(x)
        self.history.append(y)
        self.seen += 1
        return y


def test_what_a_step_does_not_mention_may_change():
    trainer = Trainer()
    for k in range(9):
        if k == 7:
            trainer.rate, trainer.bias = 5.0, lambda: 3.0
        assert the_same(trainer.run(X), X * trainer.rate + trainer.bias())
        trainer.new = k
    assert Trainer.step.programs[0] and Trainer.step._learner.traces < 6, Trainer.step.report()


def test_an_attribute_by_a_computed_name():
    o = Scaled()
    names = ["rate", "pair"]
    step = compiled(lambda x: x * getattr(o, names[0]))
    for k in range(9):
        o.rate = 2.0 if k < 6 else 3.0
        assert the_same(step(X), X * o.rate)
    by_word = operator.attrgetter("rate")
    step = compiled(lambda x: x * by_word(o))
    for k in range(9):
        o.rate = 2.0 if k < 6 else 3.0
        assert the_same(step(X), X * o.rate)


def test_a_model_may_be_compiled():
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5))
    ours = compiled(model)
    assert ours.training and len(list(ours.parameters())) == 2
    ours.eval()
    with ag.no_grad():
        for k in range(6):
            assert the_same(ours(X + k).data, model(X + k).data)
    assert not model.training and ours.programs


def test_iterators_are_not_looked_into():
    numbers = iter(range(100))
    step = compiled(lambda x: x * next(numbers))
    for k in range(10):
        assert the_same(step(X), X * k)
    assert "numbers is an iterator" in step.report()


def test_a_kept_array_is_no_stand():
    kept = []
    add = functools.partial(list.append, kept)
    step = compiled(lambda x: add(x * 2.0) or x)
    for _ in range(10):
        step(X)
    assert len(kept) == 10
    assert all(type(x) is np.ndarray and the_same(x, 2.0 * X) for x in kept)


def test_types_that_are_asked_for():
    def step(x):
        return x * 2.0 if type(x) is np.ndarray else x * 3.0

    ours = compiled(step)
    for k in range(9):
        assert the_same(ours(X + k), step(X + k))

    def named(x):
        return x * len(type(RATE).__name__)

    ours = compiled(named)
    for k in range(9):
        assert the_same(ours(X + k), named(X + k))


def test_one_array_twice_is_not_two():
    def step(x, y):
        return x * 2.0 if x is y else x + y

    ours, other = compiled(step), X + 1.0
    for y in (other, other, other, other, other, X, other, X, X, X, X, other):
        assert the_same(ours(X, y), step(X, y))


def test_a_gradient_that_is_taken_away_is_seen():
    w = ag.Tensor(np.ones(3), requires_grad=True)

    def step(x):
        if w.grad is None:
            (w * x).sum().backward()
            return 1.0
        w.grad = None
        return x

    ours = compiled(step)
    for k in range(12):
        assert the_same(ours(X[0]), 1.0 if k % 2 == 0 else X[0])
    w.grad = None
    assert ours(X[0]) == 1.0
    w.grad = None
    assert ours(X[0]) == 1.0


def test_layout_is_looked_at():
    step = compiled(lambda x: x.ravel("K") * x.flags.c_contiguous + x.strides[0])
    for x in (X, X, X, X, np.asfortranarray(X), X[:, ::-1], X, np.repeat(X, 2, 1)[:, ::2]) * 2:
        assert the_same(step(x), x.ravel("K") * x.flags.c_contiguous + x.strides[0])


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
def test_a_shape_that_is_assigned():
    array = np.arange(6.0)
    step = compiled(lambda x: x + array.shape[0])
    for k in range(10):
        array.shape = (6,) if k < 6 else (2, 3)
        assert the_same(step(X), X + array.shape[0])


def test_errors_that_numpy_is_asked_for():
    step = compiled(lambda x: 1.0 / x)
    for _ in range(6):
        step(X + 5.0)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        step(np.zeros(3))
    with np.errstate(all="ignore"):
        assert np.isinf(step(np.zeros((2, 3)))).all() and step.programs


def test_cells_and_defaults():
    rate = 2.0

    def make():
        count = 0

        def step(x, *, by=[1.0]):  # noqa: B006
            nonlocal count
            count += 1
            return x * rate * by[0] * count

        return step

    plain, step = make(), compiled(make())
    for k in range(14):
        rate = 2.0 if k < 7 else 3.0
        if k == 10:
            plain.__kwdefaults__["by"][0] = step._f.__kwdefaults__["by"][0] = 4.0
        assert the_same(step(X), plain(X)), k
    assert step.programs


def test_the_evaluations_of_lbfgs_run_as_a_program():
    """What an optimizer keeps for itself does not concern a function that only clears gradients."""
    x = np.linspace(-1.0, 1.0, 12).reshape(4, 3)

    def side(wrap):
        ag.random.seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        optimizer = nn.optim.LBFGS(model.parameters(), lr=0.5, line_search_fn="strong_wolfe")

        def closure():
            optimizer.zero_grad()
            loss = (model(x) ** 2).mean()
            loss.backward()
            return loss

        closure = wrap(closure)
        return lambda: optimizer.step(closure).item(), closure

    (ours, closure), (theirs, _) = side(compiled), side(lambda f: f)
    for _ in range(4):
        assert ours() == theirs()
    assert closure.report().startswith("closure: ") and " 2 of them eager" in closure.report()


def test_an_optimizers_options_and_state_are_still_guards():
    def side(wrap):
        w = nn.Parameter(np.ones(3))
        optimizer = nn.optim.Adam([w], lr=0.1)

        def step(x):
            optimizer.zero_grad()
            ((w * x) ** 2).sum().backward()
            optimizer.step()

        return w, optimizer, wrap(step)

    changes = [
        lambda o: o.param_groups[0].update(betas=(0.5, 0.9)),
        lambda o: o.param_groups[0].update(amsgrad=True),
        lambda o: o.state.clear(),
        lambda o: setattr(o, "param_groups", [{**g, "lr": 0.2} for g in o.param_groups]),
        lambda o: o.param_groups[0].update(maximize=True),
        lambda o: setattr(o, "step", lambda: None),
        lambda o: vars(o).pop("step"),
        lambda o: setattr(o, "decoupled_weight_decay", True),
        lambda o: o.param_groups[0].update(weight_decay=0.1),
        lambda o: o.load_state_dict(o.state_dict()),
        lambda o: o.defaults.update(lr=7.0),
    ]
    sides = side(compiled), side(lambda f: f)
    for change in changes:
        for k in range(4):
            for _, _, step in sides:
                step(X[0] + k)
            assert the_same(sides[0][0].data, sides[1][0].data), (change, sides[0][2].report())
        for _, optimizer, _ in sides:
            change(optimizer)
    assert sides[0][2].programs
