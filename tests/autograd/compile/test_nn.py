"""Everything in `nn`, compiled and eager side by side: the same bits after each of many steps, and
what the source that people read computes."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.compile.building import compiled
from tests.autograd.compile.printing.running import runs_as_the_program, values_of
from tests.nn.layers.reference import cases as modules
from tests.nn.optim import cases as optimizers

STEPS = 20

# What PyTorch has not, or has only at random.
OURS = {
    "dropout": modules.case("nn.Dropout(0.4)", (4, 5), training=True),
    "dropout1d": modules.case("nn.Dropout1d(0.4)", (3, 4, 2), training=True),
    "dropout2d": modules.case("nn.Dropout2d(0.4)", (2, 4, 2, 2), training=True),
    "dropout3d": modules.case("nn.Dropout3d(0.4)", (2, 4, 2, 2, 1), training=True),
    "feature alpha dropout": modules.case("nn.FeatureAlphaDropout(0.3)", (4, 5), training=True),
    "rrelu": modules.case("nn.RReLU()", (4, 5), training=True),
    "gumbel": modules.case("nn.Identity()", (4, 5), call="F.gumbel_softmax(x, 0.5, hard=True)"),
    "parameter dictionary": modules.case(
        "nn.ParameterDict({'a': nn.Parameter(np.ones(3)), 'b': nn.Parameter(np.full(3, 0.5))})",
        (2, 3),
        call="x * module['a'] + module['b']",
    ),
    "alpha dropout": modules.case("nn.AlphaDropout(0.3)", (4, 5), training=True),
    "maxout": modules.case("nn.Maxout(2)", (3, 4)),
    "residual": modules.case("nn.Residual(nn.Sequential(nn.Linear(3, 3), nn.Tanh()))", (2, 3)),
    "lambda": modules.case("nn.Lambda(lambda x: ag.exp(-x) * x)", (2, 3)),
    "mlp": modules.case("nn.MLP([3, 5, 2], 'gelu')", (4, 3)),
    "positions": modules.case("nn.PositionalEncoding(4, dropout=0.2)", (3, 2, 4), training=True),
    "module list": modules.case(
        "nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])", (2, 3), call="module[1](module[0](x))"
    ),
    "module dictionary": modules.case(
        "nn.ModuleDict({'a': nn.Linear(3, 2), 'b': nn.Tanh()})",
        (2, 3),
        call="module['b'](module['a'](x))",
    ),
    "parameter list": modules.case(
        "nn.ParameterList([nn.Parameter(np.ones(3)), nn.Parameter(np.full(3, 0.5))])",
        (2, 3),
        call="x * module[0] + module[1]",
    ),
    "hinge loss": modules.case("nn.HingeLoss()", (6,), y=modules.SIGNS),
    "gaussian": modules.case("nn.GaussianNLLLoss()", (6, 4), (6, 4), z=0.1 + modules.SHARES),
    "poisson": modules.case("nn.PoissonNLLLoss(full=True)", (6, 4), y=9.0 * modules.SHARES),
    "ranking": modules.case("nn.MarginRankingLoss(0.3)", (6,), (6,), z=modules.SIGNS),
    "soft margin": modules.case("nn.SoftMarginLoss()", (6,), y=modules.SIGNS),
    "labels": modules.case("nn.MultiLabelMarginLoss()", (6, 4), y=np.arange(24).reshape(6, 4) % 4),
    "soft labels": modules.case("nn.MultiLabelSoftMarginLoss()", (6, 4), y=modules.SHARES),
    "triplet distance": modules.case(
        "nn.TripletMarginWithDistanceLoss(swap=True)", (6, 4), (6, 4), (6, 4)
    ),
    "ctc": modules.case(
        "nn.CTCLoss()",
        (5, 2, 4),
        y=np.array([[1, 1], [2, 3]]),
        call="module(F.log_softmax(x, -1), y, (5, 4), (2, 1))",
    ),
    "sigmoid focal": modules.case("nn.SigmoidFocalLoss()", (6, 4), y=modules.SHARES),
    "focal": modules.case("nn.FocalLoss()", (6, 4), y=modules.CLASSES),
    "distillation": modules.case("nn.DistillationLoss()", (6, 4), (6, 4)),
    "encoder dropout": modules.case(
        "nn.TransformerEncoderLayer(4, 2, 6, dropout=0.2)", (3, 2, 4), training=True
    ),
    "transformer": modules.case(
        "nn.Transformer(4, 2, 1, 1, 6, 0.2, custom_decoder=nn.TransformerDecoder("
        "nn.TransformerDecoderLayer(4, 2, 6, 0.2), 1))",
        (3, 2, 4),
        (3, 2, 4),
        training=True,
    ),
    "fractional": modules.case("nn.FractionalMaxPool2d(2, output_size=3)", (2, 3, 7, 6)),
    "fractional of a volume": modules.case(
        "nn.FractionalMaxPool3d(2, output_size=2)", (2, 2, 4, 5, 4)
    ),
    **{
        f"lazy {name}": modules.case(f"nn.Lazy{name}({given})", shape, training=True)
        for name, given, shape in (
            ("Linear", "3", (4, 5)),
            *((f"Conv{n}d", "3, 2", (2, 2, *[4] * n)) for n in (1, 2, 3)),
            *((f"ConvTranspose{n}d", "3, 2", (2, 2, *[3] * n)) for n in (1, 2, 3)),
            *((f"BatchNorm{n}d", "", (4, 2, *[3] * n)) for n in (1, 2, 3)),
            *((f"InstanceNorm{n}d", "", (4, 2, *[3] * n)) for n in (1, 2, 3)),
        )
    },
    "rnn dropout": modules.case("nn.RNN(3, 4, 2, dropout=0.3)", (4, 2, 3), training=True),
}
# Cases that PyTorch is compared on, and that compile to the same operations as others.
ALIKE = {
    *("grid_sample bilinear border", "grid_sample bicubic zeros", "grid_sample bicubic border"),
    *("grid_sample nearest border", "grid_sample nearest reflection", "grid_sample of a map"),
    *("embedding bag mean", "pad negative replicate", "upsample nearest volume"),
    *("decoder layer", "decoder layer first", "decoder", "transformer", "lstm projected"),
    *("attention extra keys", "weight_norm recurrent"),
}
CASES = {name: c for name, c in modules.MODULES.items() if name not in ALIKE} | OURS
TORCH = SimpleNamespace(
    tensor=lambda numbers, dtype: np.array(numbers, dtype), float64=float, int64=np.int64
)


def flat(outputs):
    if isinstance(outputs, tuple):
        return [x for part in outputs for x in flat(part)]
    return [] if outputs is None else [outputs]


class Side:
    """One model with its step, and a stream of random numbers of its own."""

    def __init__(self, case, wrap):
        ag.random.seed(3)
        names = {"nn": nn, "torch": TORCH, "ag": ag, "np": np, "utils": nn.utils}
        self.module = module = eval(case.module, names)
        module.train(case.training)
        names = ", ".join(case.inputs)
        call = eval(f"lambda module, F, {names}: {case.call}", {"ag": ag, "torch": TORCH})
        parameters = list(module.parameters())
        optimizer = nn.optim.Adam(parameters, lr=0.01) if parameters else None

        def step(*inputs):
            module.zero_grad()
            outputs = flat(call(module, nn.functional, *inputs))
            loss = sum((y * y).mean() + y.sum() * 0.1 for y in outputs if y.dtype.kind == "f")
            if loss.requires_grad:
                loss.backward()
            if optimizer is not None:
                optimizer.step()
            return loss, tuple(ag.stop_gradient(y) for y in outputs)

        self.step = wrap(step)
        self.parameters, self.optimizer = parameters, optimizer

    def run(self, seed, inputs):
        ag.random.seed(seed)
        loss, outputs = self.step(*inputs)
        grads = [p.grad for p in self.parameters]
        state = [] if self.optimizer is None else self.optimizer.state.values()
        kept = [x for entry in state for x in entry.values()]
        drawn = ag.random.generator().normal()
        return [loss, *outputs, drawn, *self.module.state_dict().values(), *grads, *kept]


def same(a, b):
    if a is None or b is None:
        return a is b
    assert type(a) is type(b)
    a, b = (np.asarray(ag.stop_gradient(x)) for x in (a, b))
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=True)


def batch(case, k):
    rng = np.random.default_rng(k)
    for x in case.inputs.values():
        if isinstance(x, tuple):
            yield ag.Tensor(rng.normal(size=x), requires_grad=True)
        elif x.dtype.kind == "f":
            yield x * (1.0 + 0.01 * k) if x.min() >= 0 and x.max() < 0.9 else x
        else:
            yield x if x.dtype == bool else rng.permutation(x.ravel()).reshape(x.shape)


@pytest.mark.parametrize("name", CASES)
def test_modules(name):
    case = CASES[name]
    eager, ours = Side(case, lambda f: f), Side(case, compiled)
    for k in range(STEPS):
        inputs = list(batch(case, k % 7))
        for a, b in zip(ours.run(k, inputs), eager.run(k, inputs), strict=True):
            assert same(a, b), (name, k, ours.step.report())
    assert ours.step.programs, ours.step.report()
    runs_as_the_program(*values_of(ours.step, inputs), 1e-9)


def public(module, base, *excluded):
    """The public names of subclasses of a class."""
    found = {
        n
        for n in module.__all__
        if isinstance(x := getattr(module, n), type) and issubclass(x, base)
    }
    return found - {base.__name__, *excluded}


def named(expressions, prefix):
    """The names after a prefix: `nn.Linear(5, 3)` is a case of Linear."""
    return set(re.findall(rf"\b{prefix}\.(\w+)\(", " ".join(expressions)))


def test_everything_public_has_a_case():
    cases = named([case.module for case in CASES.values()], "nn")
    of_ranks = {"SyncBatchNorm1d", "SyncBatchNorm2d"}  # BatchNorm for one rank, eager for several
    assert public(nn, nn.Module) - of_ranks <= cases
    assert public(nn.optim, nn.optim.Optimizer) <= named(OPTIMIZERS.values(), "optim")
    schedulers = named(SCHEDULERS.values(), "lr")
    assert public(nn.optim.lr_scheduler, nn.optim.lr_scheduler.LRScheduler) <= schedulers
    of_optim = {n for n in nn.optim.__all__ if n[0].isupper()}
    penalties = {"L1", "ElasticNet", "GroupLasso"}
    assert penalties | {"Proximal"} <= named(OPTIMIZERS.values(), "optim")
    others = public(nn.optim, nn.optim.Optimizer, *penalties) | schedulers | penalties
    assert of_optim - others <= {"Optimizer", "LRScheduler", "Proximal", "ExponentialMovingAverage"}


# --- Optimizers and schedules ---------------------------------------------------------------------

OPTIMIZERS = optimizers.OPTIMIZERS | {
    "Lion": "optim.Lion(params, lr=0.01, weight_decay=0.1)",
    "Muon": "optim.Muon([params[0], params[3]], lr=0.05)",
    "Proximal": "optim.Proximal(optim.SGD(params, lr=0.05), optim.L1(0.01))",
    "Proximal group": "optim.Proximal(optim.Adam(params, lr=0.05), optim.GroupLasso(0.01))",
    "Proximal elastic": "optim.Proximal(optim.SGD(params, lr=0.05), optim.ElasticNet(0.01, 0.1))",
}
SCHEDULERS = optimizers.SCHEDULERS | {
    "ChainedScheduler": "lr.ChainedScheduler([lr.ConstantLR(o, 0.5), lr.ExponentialLR(o, 0.9)])",
    "LinearWarmup": "lr.LinearWarmup(o, 5)",
}


def made(expression, wrap):
    starts, loss_of = optimizers.problem(ag.concatenate)
    params = [nn.Parameter(start) for start in starts]
    optimizer = eval(expression, {"optim": nn.optim, "params": params})

    def step(n):
        optimizer.zero_grad()
        loss = loss_of(params, n, np.asarray)
        loss.backward()
        optimizer.step()
        return loss.item()

    def closed(n):
        def closure():
            optimizer.zero_grad()
            loss = loss_of(params, n, np.asarray)
            loss.backward()
            return loss

        return optimizer.step(closure).item()

    return wrap(closed if "LBFGS" in expression else step), params, optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name):
    (step, ours, o), (eager, theirs, e) = (
        made(OPTIMIZERS[name], wrap) for wrap in (compiled, lambda f: f)
    )
    for k in range(3 if "LBFGS" in name else 20):  # of which a step has thousands of operations
        assert step(k % 6) == eager(k % 6)
        for p, q in zip(ours, theirs, strict=True):
            assert same(p.data, q.data) and same(p.grad, q.grad)
    states = (getattr(x, "optimizer", x).state.values() for x in (o, e))  # a Proximal has one
    for a, b in zip(*states, strict=True):
        assert a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if "LBFGS" not in name:
        assert step.programs, step.report()


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("inside", [False, True])
def test_schedulers(name, inside):
    def side(wrap):
        groups = [{"params": [nn.Parameter([1.0])]}, {"params": [nn.Parameter([2.0])], "lr": 0.05}]
        optimizer = nn.optim.SGD(groups, lr=0.1, momentum=0.9)
        expression = SCHEDULERS[name]
        scheduler = eval(expression, {"lr": nn.optim.lr_scheduler, "o": optimizer})
        plateau = "Plateau" in name

        def schedule(metric):
            scheduler.step(metric) if plateau else scheduler.step()

        def step(x, metric):
            optimizer.zero_grad()
            sum(((p * x) ** 2).sum() for p in optimizer.parameters).backward()
            optimizer.step()
            if inside:
                schedule(metric)

        step = wrap(step)

        def run(k):
            step(np.array([1.0 + k / 8]), optimizers.METRICS[k])
            if not inside:
                schedule(optimizers.METRICS[k])
            return [
                *(g["lr"] for g in optimizer.param_groups),
                *(p.item() for p in optimizer.parameters),
            ]

        return run, step

    (ours, step), (theirs, _) = side(compiled), side(lambda f: f)
    for k in range(24):
        assert ours(k) == theirs(k), (k, step.report())
    if not inside:
        assert len(step.programs) <= 4 and step._learner.traces <= 8, step.report()


# --- Averages, clipping and accumulation -----------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_a_whole_training(optimizer):
    """Clipping, an average, a rate that warms up, and gradients of two batches in each step."""

    def side(wrap):
        ag.random.seed(1)
        model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.3), nn.Linear(4, 2))
        updates = getattr(nn.optim, optimizer)(model.parameters(), lr=0.05)
        average = nn.optim.ExponentialMovingAverage(model, 0.9)
        schedule = nn.optim.LinearWarmup(updates, 6)
        history = []

        def step(x, y):
            updates.zero_grad()
            for part in (slice(0, 4), slice(4, 8)):
                loss = nn.cross_entropy(model(x[part]), y[part]) / 2
                loss.backward()
            norm = nn.optim.clip_grad_norm_(model.parameters(), 0.5)
            nn.optim.clip_grad_value_(model.parameters(), 0.3)
            updates.step()
            nn.optim.max_norm_(model[0].weight, 1.0, axis=1)
            average.update()
            schedule.step()
            history.append(float(norm))
            return loss

        step = wrap(step)

        def run(k):
            rng = np.random.default_rng(k)
            ag.random.seed(k)
            loss = step(rng.normal(size=(8, 3)), rng.integers(0, 2, 8))
            state = [x for entry in updates.state.values() for x in entry.values()]
            averaged = average.state_dict()["averages"]
            return [loss, *model.state_dict().values(), *state, *averaged, *history, updates.lr]

        return run, step

    (ours, step), (theirs, _) = side(compiled), side(lambda f: f)
    for k in range(STEPS):
        for a, b in zip(ours(k), theirs(k), strict=True):
            assert same(a, b), (k, step.report())
    assert step.programs, step.report()
