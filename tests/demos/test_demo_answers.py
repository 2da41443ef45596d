"""Assert the measurements of every demo."""

import importlib

import numpy as np
import pytest


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    kept = {}

    def run(name):
        if name not in kept:
            out = tmp_path_factory.mktemp(name)
            kept[name] = importlib.import_module(f"demos.{name}").run(out), out
        return kept[name]

    return run


def test_initialization(answers):
    found, out = answers("initialization")
    for scheme in ("too small (σ = 0.01)", "too large (σ = 0.2)", "Xavier", "Kaiming"):
        for activation in ("linear", "ReLU"):
            key = scheme, activation
            measured, predicted = np.log(found.measured[key][-1]), np.log(found.predicted[key][-1])
            assert abs(measured - predicted) < max(2.0, 0.1 * abs(predicted)), key
    assert 0.2 < found.measured["Kaiming", "ReLU"][-1] < 8
    assert 0.3 < found.measured["Xavier", "linear"][-1] < 3
    assert (
        found.measured["Xavier", "ReLU"][-1] < 1e-6
        and found.measured["too large (σ = 0.2)", "ReLU"][-1] > 1e18
    )
    assert found.measured["orthogonal", "linear"][-1] == pytest.approx(1.0, rel=0.05)
    assert found.symmetric_spread == 0.0
    assert found.random_spread > 1e-3 and found.zero_bias_spread > 1e-3
    assert found.relu_mean == pytest.approx(1 / np.sqrt(2 * np.pi), abs=2e-3)
    for (forward, backward), (n_in, n_out) in zip(
        found.both_ways.values(), ((1.0, 4.0), (0.25, 1.0), (0.4, 1.6)), strict=True
    ):
        assert forward == pytest.approx(n_in, rel=0.1) and backward == pytest.approx(n_out, rel=0.1)
    for variance, (measured, predicted) in found.scales.items():
        assert np.log(measured) == pytest.approx(np.log(predicted), abs=1.0), variance
    assert found.scales[0.001][1] == pytest.approx(1.2e-6, rel=0.02)
    assert found.scales[1.0][1] == pytest.approx(1.2e24, rel=0.02)
    assert "100" in found.complaint and "256" in found.complaint
    slopes = {key: gradients[0] for key, gradients in found.backward.items()}
    assert all(
        gradients[-1] == pytest.approx(1.0, abs=0.02) for gradients in found.backward.values()
    )
    assert slopes["zero", "tanh"] == 0.0 and slopes["Xavier", "sigmoid"] < 1e-20
    assert 0.1 < slopes["Kaiming", "ReLU"] < 10 and 0.5 < slopes["orthogonal", "linear"] < 2
    assert (out / "initialization.png").stat().st_size > 20_000


def test_backprop(answers):
    found, out = answers("backprop")
    assert max(found.errors.values()) < 1e-14 and len(found.errors) == 5
    assert 1e-7 < found.best_step < 1e-3 and min(found.numeric_errors) < 1e-8
    assert found.numeric_errors[0] > 1e-3 and found.numeric_errors[-1] > 1e-6
    assert found.p_minus_y == ["dz = p ⊙ (dp − Σⱼ dp ⊙ p)", "dz = (p − onehot(y)) / N"]
    assert found.layouts == {"x W": "dW = xᵀ dout", "x Wᵀ": "dW = doutᵀ x"}
    assert (found.slope_at_kink, found.numeric_at_kink) == (0.0, 0.5)
    assert {p.name for p in out.iterdir()} == {
        "backprop-steps.png",
        "backprop-chain.svg",
        "backprop-chain.html",
    }


def test_vanishing(answers):
    found, _ = answers("vanishing")
    plain = found.norms["as written"]
    assert plain[0] < 1e-15 * plain[-1]
    for cure in ("Kaiming", "BatchNorm", "residual", "all of them"):
        assert found.norms[cure][0] > 1e-6 * found.norms[cure][-1], cure
    assert found.norms["residual"][0] > 0.1 * found.norms["residual"][-1]
    assert found.after["as written"] > 0.5 * found.before["as written"]
    assert found.after["residual"] < 0.2 * found.before["residual"]
    assert found.after["all of them"] < 0.3 * found.before["all of them"]
    assert max(found.shallow[0]) < 3 * min(found.shallow[0]) and found.shallow[1] < 5


def test_activations(answers):
    found, _ = answers("activations")
    assert max(found.derivative_errors.values()) < 1e-14 and len(found.derivative_errors) == 11
    assert found.sparsity == pytest.approx(0.5, abs=0.01)
    assert found.after_layer == {"relu": pytest.approx(0.5, abs=0.02), "sigmoid": 0.0}
    assert min(found.cost.values()) > 0.0 and set(found.cost) == {"forward", "forward and backward"}
    assert found.stillborn["small weights, biases of -1"][0] > 0.8
    assert found.stillborn["small weights, biases of -1"][1] > 0.5
    for start in ("Kaiming, biases of 0", "the same biases, BatchNorm"):
        assert max(found.stillborn[start]) == 0.0
    assert found.gelu["ReLU: jump of the slope at 0"] == 1.0
    assert abs(found.gelu["GELU: jump of the slope at 0"]) < 1e-8
    assert found.gelu["GELU: smallest value"] == pytest.approx(-0.17, abs=1e-3)
    assert found.gelu["ReLU: slope at -1"] == 0.0 > found.gelu["GELU: slope at -1"]
    assert np.median(found.fits["GELU"]) < 0.5 * np.median(found.fits["ReLU"])
    assert found.vanishing["sigmoid"] < 0.25**10 and found.vanishing["relu"] == 1.0
    assert found.dead["ReLU"] > 0.5
    assert [found.dead[cure] for cure in found.dead if cure != "ReLU"] == [0.0] * 4
    assert all(found.losses[cure] < found.losses["ReLU"] for cure in found.losses if cure != "ReLU")
    assert 1e-4 < found.gelu_gap < 5e-4
    entropies = list(found.entropies.values())
    assert entropies == sorted(entropies) and entropies[0] == 0.0
    assert entropies[-1] == pytest.approx(np.log(4))
    assert found.jacobian_error < 1e-15 and found.p_minus_y_error < 1e-15


def test_why_weights(answers):
    found, _ = answers("why_weights")
    assert found.batch_loss["outputs"] < 0.02 and found.batch_loss["weights"] < 0.3
    assert found.accuracy["outputs"] < 0.25 and found.accuracy["weights"] > 0.85


def test_distillation(answers):
    found, _ = answers("distillation")
    hard, soft = (np.mean(found.students[way]) for way in ("labels alone", "teacher"))
    assert found.teacher > 0.94 and soft > hard + 0.04 and soft > found.teacher - 0.05


def test_scalar(answers):
    found, out = answers("scalar")
    assert found.losses[-1] < 0.3 * found.losses[0] and found.accuracies[-1] >= 0.97
    assert found.nodes > 50_000 and (out / "scalar.png").exists()


def test_regularization(answers):
    found, _ = answers("regularization")
    others = {name: b for name, (a, b) in found.accuracy.items()}
    assert found.accuracy["none"][0] > 0.95 and others["none"] < 0.82
    for name in ("L2 (decoupled decay)", "L1, subgradient", "L1, proximal", "dropout 0.5"):
        assert others[name] > others["none"] + 0.04, name
    assert found.zeros["L1, proximal"] > 0.5
    assert all(found.zeros[name] == 0.0 for name in found.zeros if name != "L1, proximal")
    assert found.dropout_mean == pytest.approx(1.0, abs=0.01) and found.same_mask
    assert abs(found.ensemble[0] - found.ensemble[1]) < 0.03
    growing, flat = found.growth.values()
    assert growing[2] > 9 * growing[1] > 70 and len(set(flat)) == 1
    noise = [by_batch for by_batch, _ in found.noise.values()]
    assert noise == sorted(noise, reverse=True) and noise[0] > 0.5
    assert all(by_layer < 1e-12 for _, by_layer in found.noise.values())
    assert found.padding[0] > 0.5 and found.padding[1] == 0.0
    assert found.tiny_batches["LayerNorm"] > found.tiny_batches["BatchNorm"] + 0.03
    assert found.evaluation_gap > 0.05 and found.undone < 1e-12 and found.layer_norm_alone < 1e-14


def test_convolution(answers):
    found, out = answers("convolution")
    assert found.sizes_wrong == 0 and found.sizes_checked == 600
    valid, same = found.coverage["valid"], found.coverage["same"]
    assert (valid[0, 0], valid[0, 3], valid[3, 3]) == (1.0, 3.0, 9.0)
    assert (same[0, 0], same[0, 3], same[3, 3]) == (4.0, 6.0, 9.0)
    assert found.border == pytest.approx(4 / 9)
    assert found.accuracy["3x3 kernels"] >= 0.985
    assert found.accuracy["1x1 before 3x3"] >= 0.975
    assert found.multiply_adds["1x1 before 3x3"] < 0.5 * found.multiply_adds["3x3 kernels"]
    assert (out / "convolution.png").exists()


def test_sequences(answers):
    found, out = answers("sequences")
    assert found.short == ["It", "is", "raining", "cats", "and"]
    assert found.long == ["It", "is", "raining", "cats", "and", "dogs", "today", "<end>"]
    assert "(1, 1, 1, 16)" in found.complaint
    assert all(loss < 0.85 * found.uniform for loss in found.losses.values())
    assert found.losses["feed-forward"] > max(found.losses[n] for n in ("RNN", "GRU", "LSTM")) + 0.1
    assert found.norms["LSTM"][39] > 10 * found.norms["RNN"][39]
    for (forget, write), cell in found.kept.items():
        assert cell == pytest.approx(3.0 * (forget == "open") + (write == "open"), abs=1e-9)
    assert all(0.0 < x < 1.0 for values in found.gates.values() for x in values)
    assert (out / "sequences.png").exists()


def test_scalar_gpt(answers):
    found, out = answers("scalar_gpt")
    whole, one = found.best[7], found.best[1]
    assert whole == pytest.approx((np.log(2) + 2.5 * np.log(4) + np.log(3)) / 6)
    assert one == pytest.approx((np.log(2) + 2.5 * np.log(4) + 2.5 * np.log(3)) / 6)
    assert found.losses[0] == pytest.approx(np.log(8), abs=0.3)
    assert whole - 0.1 < found.last < one - 0.15  # it looks farther back than one letter
    assert found.valid > 0.7 and found.agreeing > 0.75
    assert found.parameters == 696 and 10_000 < found.nodes < 12_000
    assert (out / "scalar-gpt.png").exists()


def test_gan(answers):
    found, out = answers("gan")
    ahead = "5 generator steps"
    assert found.covered[ahead] <= 3 and found.near[ahead] > 0.5  # collapsed, not diverged
    assert found.covered["5 steps, batches compared"] >= 7
    assert found.covered["1 generator step"] > found.covered[ahead]
    assert 0.2 < found.variety < 0.8  # of the distance between real digits
    weak, strong = found.gradients.values()
    assert weak < 0.1 * strong
    assert found.recognised >= 0.9
    assert {p.name for p in out.iterdir()} == {"gan-ring.png", "gan-digits.png"}


def test_mlp(answers):
    found, out = answers("mlp")
    assert found.data.startswith("scikit-learn's digits")
    assert found.difference < 1e-4 and found.single_difference < 1e-4
    assert found.accuracy > 0.95 and (out / "mlp.svg").exists()


def test_mnist_falls_back_to_the_digits_without_a_network(monkeypatch, tmp_path, capsys):
    demo = importlib.import_module("demos.mlp")

    def unreachable(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr(demo, "fetch_openml", unreachable)
    monkeypatch.setattr(demo, "EPOCHS", 1)
    assert demo.run(tmp_path, data="mnist").data.startswith("scikit-learn's digits")
    assert "MNIST could not be loaded (no network)" in " ".join(capsys.readouterr().out.split())


def test_only_the_mlp_takes_data(capsys, tmp_path):
    main = importlib.import_module("demos.__main__").main
    assert main(["why-weights", "--data", "mnist", "--out", str(tmp_path)]) == 2
    assert "why-weights takes no --data" in capsys.readouterr().err
