"""What gets a line and a name of its own."""

import numpy as np

import autograd as ag
import nn

x = np.random.default_rng(0).normal(size=(6, 4))


def test_n_is_the_length_of_the_batch_and_no_other_number():
    """The mean over 6 rows is 1/N Σ; that over 4 features, or a division by 6, is not."""
    derivation = ag.derive(lambda x: (x / 6.0).mean(), x)
    assert derivation.steps[-1].equation == "loss = 1/(4·N) Σₙⱼ x / 6"
    assert "N" not in ag.derive(lambda x: (x / 6.0).sum(axis=1), x).text


def test_a_short_difference_is_written_where_it_is_read():
    derivation = ag.derive(nn.LayerNorm(4, elementwise_affine=False), x)
    assert "(x − μ) / σ" in derivation.text and "t1" not in derivation.text


def test_what_has_a_gradient_has_a_line():
    """x - 1 is read twice, by the square and by its slope, and d of it is a line."""
    derivation = ag.derive(lambda x: np.tanh((x - 1.0) ** 2).sum(), x)
    assert derivation.steps[0].equation == "t1 = x − 1"
    assert [g.equation for g in derivation.steps[0].gradients] == ["dx = dt1"]
    assert [g.equation for g in derivation.steps[1].gradients] == ["dt1 = 2·((1 − h1²) ⊙ t1)"]


def test_a_bias_has_the_gradient_of_its_sum_under_both_names():
    derivation = ag.derive(lambda w, b: np.tanh(w + b), x, x)
    names = [g.equation for s in derivation.steps for g in s.gradients]
    assert sum(" = d" in line and "⊙" not in line for line in names) == 1


def test_a_variable_called_n_does_not_become_the_count():
    N = ag.Tensor(np.ones(6), requires_grad=True)
    loss = (N * N).mean()
    derivation = ag.derive(loss, by=N)
    assert max(map(len, derivation.text.splitlines())) < 100
    assert set(derivation.arguments) == {"N"}
    assert derivation.steps[0].equation == "loss = 1/6 Σₙ N²"


def test_words_of_the_reader_stay_as_they_are():
    def f(a, N, lambda_, lam, step):
        t = a**2
        return (lambda_ * t.sum() + lam * step * N).mean()

    derivation = ag.derive(f, *np.ones((5, 3)))
    assert list(derivation.arguments) == ["a", "N", "lambda_", "lam", "step"]
    assert "return loss, da, dN, dlambda_, dlam, dstep" in derivation.source
    forward = [step.equation.partition(" = ")[0] for step in derivation.steps]
    backward = {g.equation.partition(" = ")[0] for s in derivation.steps for g in s.gradients}
    assert not backward & set(forward) and not any(word.startswith("d") for word in forward)
    assert "dλ" in backward and len(backward & {"dλ", "dlam", "dlambda_"}) == 2  # one λ, one word


def test_a_class_that_is_a_constant():
    derivation = ag.derive(lambda z: -ag.log(ag.softmax(z)[2]), x[0])
    assert [g.equation for s in derivation.steps for g in s.gradients] == ["dz = p − onehot(2)"]
