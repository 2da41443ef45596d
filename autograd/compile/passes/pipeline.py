"""All passes in order, to a fixed point, and what each of them did."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.compile.passes.algebra import algebra, idle_clamps, powers_of_two, second_shifts
from autograd.compile.passes.cleaning import (
    common_subexpressions,
    dead_code,
    known_checks,
    known_values,
)
from autograd.compile.passes.moves import (
    early_functions,
    idle_moves,
    implied_broadcasts,
    paired_moves,
)
from autograd.compile.passes.places import one_hot_updates, pieces, pieces_read
from autograd.compile.passes.reading import (
    added_zeros,
    divisors,
    factors_together,
    plain_sums,
    shares,
    sums_of_broadcasts,
    turned_products,
)
from autograd.compile.passes.rewrite import Pass
from autograd.compile.passes.spelling import spelling
from autograd.compile.program import Program

ROUNDS = 50  # more than any program needs

# These keep every bit, but for the sign of a zero where `places` says so. A sum may be added in
# another order where what it adds lies otherwise in memory.
EXACT: dict[str, Pass] = {
    "dead code": dead_code,
    "one spelling": spelling,
    "known values": known_values,
    "known checks": known_checks,
    "idle moves": idle_moves,
    "paired moves": paired_moves,
    "implied broadcasts": implied_broadcasts,
    "functions before broadcasts": early_functions,
    "common subexpressions": common_subexpressions,
    "algebra": algebra,
    "powers of two": powers_of_two,
    "idle clamps": idle_clamps,
    "second shifts": second_shifts,
    "one-hot updates": one_hot_updates,
    "pieces of a buffer": pieces,
    "pieces read": pieces_read,
}

# And these, for the source that people read, may round otherwise.
READING: dict[str, Pass] = {
    "plain sums": plain_sums,
    "sums of broadcasts": sums_of_broadcasts,
    "shares": shares,
    "factors together": factors_together,
    "turned products": turned_products,
    "added zeros": added_zeros,
}


def readable(program: Program) -> Program:
    """The program as people want to read it: outputs only, and nothing checked."""
    outputs = Program(program.inputs, program.instructions, program.outputs, [], program.cotangents)
    rules = {name: rule for name, rule in (EXACT | READING).items() if rule is not powers_of_two}
    program, _ = simplified(outputs, rules)
    return dead_code(divisors(program))


def stages(program: Program, rules: dict[str, Pass]) -> Iterator[tuple[str, Program]]:
    """The program after each pass that changed it, until none does."""
    for _ in range(ROUNDS):
        before = program
        for name, rule in rules.items():
            after = rule(program)
            if after is not program:
                program = after
                yield name, program
        if program is before:
            return


def simplified(
    program: Program, rules: dict[str, Pass] | None = None
) -> tuple[Program, list[tuple[str, int, int]]]:
    """The passes until nothing changes, and the number of operations before and after each."""
    counts: list[tuple[str, int, int]] = []
    for name, after in stages(program, EXACT if rules is None else rules):
        counts.append((name, len(program.instructions), len(after.instructions)))
        program = after
    return program, counts
