"""Passes: each takes a program to one that computes the same, by one rule."""

from autograd.compile.passes.compare import key_of, looks_differ, matches
from autograd.compile.passes.outputs import own_outputs
from autograd.compile.passes.pipeline import EXACT, READING, readable, simplified, stages

__all__ = [
    "EXACT",
    "READING",
    "key_of",
    "looks_differ",
    "matches",
    "own_outputs",
    "readable",
    "simplified",
    "stages",
]
