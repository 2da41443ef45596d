"""What the program under examination calls its values: the `h` of `h = np.tanh(z)`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Collection, Iterator

from autograd.debug.source_lines import SourceLine, line_of, record_lines
from autograd.testing.examine.flow import Flow
from autograd.testing.examine.trial import Trial, recorded


def name_nodes(trial: Trial) -> dict[int, str]:
    """The variables that nodes were assigned to, by the number of the node.

    The last node that a line `h = ...` makes is the value of h.
    """
    with record_lines():
        flow = recorded(trial.subject, trial.values, trial.answer, trial.seeds, trial.after)
    return dict(_assigned(flow, set(_callers())))


def _callers() -> Iterator[tuple[str, str]]:
    """The functions that are running: what they assign is the report, not a value."""
    frame = inspect.currentframe()
    while frame is not None:
        yield frame.f_code.co_filename, frame.f_code.co_name
        frame = frame.f_back


def _assigned(flow: Flow, outside: Collection[tuple[str, str]]) -> list[tuple[int, str]]:
    """The last node that a line makes, itself or by a function that it calls, is its value."""
    found: list[tuple[int, str]] = []
    running: list[tuple[tuple[str, str], SourceLine]] = []  # functions, from the outermost

    def end(i: int) -> None:
        name = target_of(running.pop()[1].text)
        if name:
            found.append((i, name))

    for i, node in enumerate(flow.nodes):
        line = line_of(node) if node.op is not None else None
        if line is None or (line.file, line.function) in outside:
            continue
        function = line.file, line.function
        if any(other == function for other, _ in running):
            while running[-1][0] != function or running[-1][1] != line:
                is_own = running[-1][0] == function
                end(i - 1)
                if is_own:
                    break
        if not running or running[-1][0] != function:
            running.append((function, line))
    while running:
        end(len(flow.nodes) - 1)
    return found


def target_of(line: str) -> str:
    """The variable that a line assigns to, "" if it is no simple assignment.

    Example:
        >>> from autograd.testing.examine.program_names import target_of
        >>> target_of("h = np.tanh(z)"), target_of("self.x_hat = x / std"), target_of("return h")
        ('h', 'self.x_hat', '')
    """
    try:
        [statement] = ast.parse(line).body
    except (SyntaxError, ValueError):  # a part of a longer statement
        return ""
    if isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Lambda):
        if len(statement.targets) != 1:
            return ""
        target = statement.targets[0]
        if isinstance(target, (ast.Name, ast.Attribute)):
            return ast.unparse(target)
    return ""
