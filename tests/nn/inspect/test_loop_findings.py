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


def kinds(report):
    return [f.kind for f in report.findings]


def test_passes_that_are_thrown_away():
    def body(i, model, optimizer):
        optimizer.zero_grad()
        (nn.cross_entropy(model(X[i % 4 :: 4]), Y[i % 4 :: 4]) / 4.0).backward()
        if i % 4 == 3:
            optimizer.step()

    found = diagnosed(body, steps=24).findings[0]
    assert found.kind == "gradients erased before the step"
    assert "erased the gradients of 18 of 24 backward passes, and 6 steps" in found.text


def test_a_line_search_throws_nothing_away():
    def body(i, model, optimizer):
        def closure():
            optimizer.zero_grad()
            loss = nn.cross_entropy(model(X), Y)
            loss.backward()
            return loss

        optimizer.step(closure)

    report = diagnosed(body, made=nn.optim.LBFGS, lr=0.5, max_iter=4, steps=6)
    assert "gradients erased before the step" not in kinds(report)


def test_an_adversarial_input_throws_nothing_away():
    def body(i, model, optimizer):
        x = ag.Tensor(X, requires_grad=True)
        nn.cross_entropy(model(x), Y).backward()
        optimizer.zero_grad()
        nn.cross_entropy(model(X + 0.01 * np.sign(x.grad)), Y).backward()
        optimizer.step()

    assert kinds(diagnosed(body, steps=12)) == []


@pytest.mark.parametrize(
    ("made", "expected"),
    [(nn.optim.Adam, ["optimizer made again in each step"]), (nn.optim.SGD, [])],
)
def test_an_optimizer_for_each_step(made, expected):
    def body(i, model, optimizer):
        usual(i, model, made(model.parameters(), lr=0.01))

    assert kinds(diagnosed(body, passed=False)) == expected


@pytest.mark.parametrize(
    ("momentum", "horizon"), [(0.999, "1000 gradients"), (1.0, "all gradients")]
)
def test_momentum_that_never_forgets(momentum, horizon):
    found = diagnosed(usual, lr=0.001, momentum=momentum, steps=20).findings[0]
    assert found.kind == "momentum too high" and horizon in found.text


@pytest.mark.parametrize(("lr", "expected"), [(1e-5, ["learning rate too low"]), (0.05, [])])
def test_steps_that_move_a_new_network_by_nothing(lr, expected):
    assert kinds(diagnosed(usual, lr=lr, steps=40)) == expected


def test_a_line_of_two_numbers_that_diverges():
    class Line(nn.Module):
        def __init__(self):
            super().__init__()
            self.slope, self.start = nn.Parameter(0.1), nn.Parameter(0.0)

        def forward(self, x):
            return self.slope * x + self.start

    model, x = Line(), np.linspace(-3.0, 3.0, 40)
    optimizer = nn.optim.SGD(model.parameters(), lr=5.0)
    with nn.diagnose(model, optimizer) as report:
        for _ in range(30):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), 2.0 * x).backward()
            optimizer.step()
    assert kinds(report)[0] == "learning rate too high"


@pytest.mark.parametrize("passed", [True, False])
def test_what_is_maximized_may_grow(passed):
    def body(i, model, optimizer):
        optimizer.zero_grad()
        nn.functional.log_softmax(model(X), dim=1)[np.arange(32), Y].mean().backward()
        optimizer.step()

    assert kinds(diagnosed(body, passed=passed, steps=40, maximize=True)) == []
