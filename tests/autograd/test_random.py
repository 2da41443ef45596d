"""The default source of randomness."""

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
