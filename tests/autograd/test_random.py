"""The default source of randomness."""

import pytest

import autograd as ag


def test_a_seed_restarts_the_generator_in_place():
    held = ag.random.generator()
    ag.random.seed(3)
    first = held.normal(size=4).tolist()
    ag.random.seed(3)
    assert ag.random.generator() is held and held.normal(size=4).tolist() == first


def test_no_seed_is_fresh_randomness():
    ag.random.seed()
    first = ag.random.generator().normal()
    ag.random.seed()
    assert ag.random.generator().normal() != first


@pytest.mark.parametrize(
    ("n", "error"), [("a", TypeError), (1.5, TypeError), (-1, ValueError), ([-1], ValueError)]
)
def test_what_is_no_seed(n, error):
    ag.random.seed(3)
    state = ag.random.generator().bit_generator.state
    with pytest.raises(
        error, match=r"^random\.seed: got n=.*; expected a non-negative int, or None"
    ):
        ag.random.seed(n)
    assert ag.random.generator().bit_generator.state == state


def test_a_flag_is_no_seed():
    with pytest.raises(TypeError, match=r"random\.seed: got n=True; expected a non-negative int"):
        ag.random.seed(True)
