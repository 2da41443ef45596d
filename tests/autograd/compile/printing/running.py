"""That a printed source computes what its program does."""

import copy

import numpy as np

from autograd.compile.printing.source import Source


def values_of(step, args=(), kwargs=None):
    """The program of a step as recorded, its roles, and a value for each input."""
    program = next(reversed(step._learner.programs.values()))
    space = program.space | {"args": args, "kwargs": kwargs or {}}
    expressions = program.recording.expressions
    values = [copy.deepcopy(eval(expressions[v], space)) for v in program.recording.program.inputs]
    return program.recording.program, program.roles(), values


def runs_as_the_program(program, roles, values, rtol):
    source = Source(program, roles)
    space = {}
    exec(source.source, space)
    place = {v: n for n, v in enumerate(program.inputs)}
    given = copy.deepcopy(values)
    with np.errstate(all="ignore"):
        wanted = program.run(copy.deepcopy(values))[: len(program.outputs)]
        found = space["step"](*[given[place[v]] for v in source.inputs])
    found = found if isinstance(found, tuple) else (found,)
    for v, n, theirs in zip(program.outputs, source.results, wanted, strict=True):
        ours = np.asarray(found[n])
        assert ours.shape == v.shape
        scale = np.abs(theirs).max(initial=1e-3, where=np.isfinite(theirs))
        assert np.allclose(ours, theirs, rtol=rtol, atol=rtol * scale, equal_nan=True), (
            source.source
        )
    for x, y in zip(given, values, strict=True):
        if isinstance(x, np.ndarray):
            assert np.array_equal(x, y, equal_nan=True), "an input was written to"
