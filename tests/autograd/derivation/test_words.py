"""Names of a derivation: the reader's own, and d… for nothing but gradients."""

import numpy as np

import autograd as ag
import nn
from autograd.derivation.words import forward_of
from tests.autograd.derivation.building import backward_of

x = np.random.default_rng(0).normal(size=(4, 3))


def test_what_the_forward_pass_computes_is_no_gradient():
    def f(scale, x):
        return scale * (x**2).sum()

    derivation = ag.derive(f, np.array(2.0), x)
    assert "dscale = t1" in backward_of(derivation)
    assert [step.equation for step in derivation.steps] == ["t1 = Σₙⱼ x²", "loss = scale·t1"]


def test_arguments_keep_their_names_in_the_program():
    def f(weight, N, step, class_):
        return (weight * N * step * class_).sum()

    derivation = ag.derive(f, *np.ones((4, 3)))
    head = "def forward_and_backward(weight, N, step, class_):"
    assert head in derivation.source
    assert "return loss, dweight, dN, dstep, " in derivation.source


def test_n_is_the_number_of_rows_where_the_reader_has_none():
    assert "1/N" in ag.derive(lambda a: (a * a).mean(), x[:, 0]).text
    assert "1/4" in ag.derive(lambda a, N: (a * N).mean(), x[:, 0], x[:, 1]).text


def test_the_forward_pass_of_several_results():
    trace = ag.derive(nn.LSTMCell(3, 2), x)._trace
    results = trace.program.outputs[:2]
    both = forward_of(trace.program, results)
    assert set(results) <= both and not set(trace.program.outputs[2:]) & both
    assert forward_of(trace.program, results[1:]) < both
