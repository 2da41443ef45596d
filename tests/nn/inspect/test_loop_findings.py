"""Faults of a loop, and the false advice that used to be given about loops without fault."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(32, 4))
Y = X.argmax(axis=1)


def diagnosed(body, *, passed=True, lr=0.05, steps=8, made=nn.optim.SGD, **options):
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4))
    optimizer = made(model.parameters(), lr=lr, **options)
    with nn.diagnose(model, *([optimizer] if passed else [])) as report:
        for i in range(steps):
            body(i, model, optimizer)
    return report


def usual(i, model, optimizer):
    optimizer.zero_grad()
    nn.cross_entropy(model(X), Y).backward()
    optimizer.step()


def never_reset(i, model, optimizer):
    nn.cross_entropy(model(X), Y).backward()
    optimizer.step()


def never_stepped(i, model, optimizer):
    optimizer.zero_grad()
    nn.cross_entropy(model(X), Y).backward()


def erased(i, model, optimizer):
    nn.cross_entropy(model(X), Y).backward()
    optimizer.zero_grad()
    optimizer.step()


def never_backward(i, model, optimizer):
    nn.cross_entropy(model(X), Y)
    optimizer.step()


def uphill(i, model, optimizer):
    model.zero_grad()
    nn.cross_entropy(model(X), Y).backward()
    for p in model.parameters():
        p.data = p.data + 0.01 * p.grad


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize(
    ("body", "kind"),
    [(never_reset, "gradients not reset"), (never_stepped, "no optimizer step"), (never_backward, "no backward pass"), (uphill, "steps uphill")],
)  # fmt: skip
def test_a_fault_of_the_loop(body, kind, passed):
    assert diagnosed(body, passed=passed).findings[0].kind == kind


def test_gradients_that_were_erased():
    assert diagnosed(erased).findings[0].kind == "gradients erased before the step"
    assert diagnosed(erased, passed=False).findings[0].kind == "no optimizer step"


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"lr": 0.0}, "learning rate is zero"), ({"lr": 1e-8}, "learning rate too low"), ({"lr": 100.0, "steps": 30}, "learning rate too high"),
        ({"lr": 0.1, "weight_decay": 3.0}, "weight decay too strong"), ({"maximize": True}, "steps uphill"),
    ],
    ids=["zero", "low", "high", "decay", "maximize"],
)  # fmt: skip
def test_a_fault_of_the_optimizer(options, kind, passed):
    assert diagnosed(usual, passed=passed, **options).findings[0].kind == kind


def test_a_dead_network_at_a_high_rate_is_not_told_to_raise_it():
    found = [f.kind for f in diagnosed(usual, lr=1e4, steps=20).findings]
    assert "learning rate too low" not in found and "learning rate too high" in found


def test_an_optimizer_of_another_model():
    model, other = nn.Linear(4, 4), nn.Linear(4, 4)
    optimizer = nn.optim.SGD(other.parameters(), lr=0.1)
    for arguments in ((model, optimizer), (model,)):
        with nn.diagnose(*arguments) as report:
            for i in range(4):
                usual(i, model, optimizer)
                model.zero_grad()
        assert report.findings[0].kind == "optimizer of another model"


@pytest.mark.parametrize("passed", [True, False])
def test_parameters_outside_the_optimizer(passed):
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4))
    optimizer = nn.optim.SGD(model[2].parameters(), lr=0.1)
    with nn.diagnose(model, *([optimizer] if passed else [])) as report:
        for i in range(4):
            usual(i, model, optimizer)
            model.zero_grad()
    found = report.findings[0]
    assert (found.kind, found.layer) == ("parameters outside the optimizer", "0")


@pytest.mark.parametrize("passed", [True, False])
def test_frozen_layers_by_accident_and_on_purpose(passed):
    for frozen, expected in ((2, "frozen parameters"), (0, None)):
        model = nn.Sequential(
            nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 4)
        )
        model[frozen].requires_grad_(False)
        given = model.parameters() if frozen else [p for p in model.parameters() if p.requires_grad]
        optimizer = nn.optim.SGD(given, lr=0.05)
        with nn.diagnose(model, *([optimizer] if passed else [])) as report:
            for i in range(4):
                usual(i, model, optimizer)
        assert [f.kind for f in report.findings] == ([expected] if expected else [])


def test_clipping_that_leaves_nothing():
    def body(i, model, optimizer):
        optimizer.zero_grad()
        nn.cross_entropy(model(X), Y).backward()
        nn.optim.clip_grad_norm_(model.parameters(), 1e-7)
        optimizer.step()

    assert diagnosed(body).findings[0].kind == "gradients scaled down before the step"


def test_a_rate_that_fades():
    for passed in (True, False):
        schedulers = {}

        def body(i, model, optimizer, schedulers=schedulers):
            usual(i, model, optimizer)
            if not schedulers:
                schedulers[0] = nn.optim.lr_scheduler.ExponentialLR(optimizer, 0.1)
            schedulers[0].step()

        report = diagnosed(body, passed=passed, steps=16)
        assert report.findings[0].kind == "learning rate decays to zero"


def test_momentum_that_never_turns():
    found = diagnosed(usual, lr=2.0, momentum=0.999, steps=80).findings[0]
    assert found.kind == "momentum too high" and found.numbers["momentum"] == 0.999


def test_a_discriminator_and_its_generator_in_turn():
    from tests.faults.adversarial import adversarial, networks, optimizers, usual

    for rounds in (1, 3):
        for names, which in (("generator", 0), ("discriminator", 1)):
            ag.random.seed(0)
            g, d = networks()
            og, od = optimizers(g, d)
            training = adversarial(g, d, [og, od], usual(g, d, og, od, rounds=rounds))
            with nn.diagnose((g, d)[which], (og, od)[which]) as report:
                list(training.turns())
            assert report.findings == [], names
