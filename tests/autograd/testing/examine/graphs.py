"""Backward passes of small programs, for the tests of what looks at them."""

import numpy as np

from autograd.testing.examine.subject import Functions
from autograd.testing.examine.trial import Trial

RNG = np.random.default_rng(3)


def trial(forward, *inputs, answer=None, seed=5):
    """A trial of a forward pass; `answer` makes the gradients that came of the right ones."""
    subject = Functions(forward, lambda g, *xs: None, inputs, None)
    out = np.asarray(forward(*inputs))
    seeds = [np.random.default_rng(seed).normal(size=out.shape)]
    names = [n for n in subject.names if np.asarray(subject.given[n]).dtype.kind == "f"]
    right = Trial(subject, subject.given, {n: subject.given[n] for n in names}, seeds).right
    return Trial(subject, subject.given, right | (answer(right) if answer else {}), seeds)


def flow(forward, *inputs):
    """The engine's backward pass."""
    return trial(forward, *inputs).flow


def kinds(hypotheses, a_trial, name):
    """The kinds of the hypotheses that reproduce the answer."""
    found = set()
    for hypothesis in hypotheses:
        try:
            value = (hypothesis.predict(a_trial) or {}).get(name)
        except Exception:
            continue
        if value is not None and a_trial.agrees(name, value):
            found.add(hypothesis.kind)
    return found


def normal(*shape):
    return RNG.normal(size=shape)


def mlp(x, W, b):
    h = np.tanh(x @ W + b)
    return h * 2.0
