"""python -m demos practice: the exercises on the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograd.errors import message
from demos.practice import notebook
from demos.practice.catalogue import ALL
from demos.practice.exercises import Exercise
from demos.practice.progress import Progress
from demos.practice.sheet import grade, write

TOPICS = list(dict.fromkeys(exercise.topic for exercise in ALL))
DESCRIPTION = (
    "Derive backward passes by hand. NAME writes a file with the question, the forward pass and an "
    "empty backward pass; the next time, it grades what you wrote. `bug` shows a program with one "
    "mistake."
)


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demos practice", description=DESCRIPTION)
    parser.add_argument("name", nargs="?", help="an exercise, or bug; omit it to list them")
    parser.add_argument("--hint", action="store_true", help="show the next hint")
    parser.add_argument("--solution", action="store_true", help="show a reference solution")
    parser.add_argument("--seed", type=int, default=0, help="for bug: which one (default: 0)")
    parser.add_argument("--kind", help="for bug: your answer, such as sign")
    parser.add_argument("--line", type=int, help="for bug: the line of the mistake")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder (default: out)")
    options = parser.parse_args(arguments)
    problem = _misused(options)
    if problem:
        parser.error(problem)
    try:
        return _run(options)
    except OSError as error:
        print(message("practice", f"{error}", "a folder to write to"), file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 2


def _misused(options: argparse.Namespace) -> str:
    """What is wrong with the options, "" if they fit."""
    about = [name for name in ("hint", "solution") if getattr(options, name)]
    answers = [name for name in ("kind", "line") if getattr(options, name) is not None]
    if options.seed < 0:
        return f"--seed {options.seed}: expected an integer of at least 0"
    if options.name is None and (about or answers):
        return f"--{(about + answers)[0]} needs a name: practice NAME --{(about + answers)[0]}"
    if options.name == "bug" and options.hint:
        return "--hint is for exercises; for a bug, --solution gives up"
    if options.name not in (None, "bug") and answers:
        return f"--{answers[0]} is for bugs: practice bug --seed 0 --kind KIND --line LINE"
    if len(about) == 2:
        return "--hint or --solution, not both"
    return ""


def _run(options: argparse.Namespace) -> int:
    folder = options.out / "practice"
    file = folder / "progress.json"
    if options.name is None:
        print(listing(Progress(file)))
        return 0
    if options.name == "bug":
        return _bug(options, file)
    try:
        exercise = notebook.find(options.name)
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    if options.hint:
        notebook.hint(exercise.name, file)
    elif options.solution:
        notebook.solution(exercise.name)
    else:
        return _work(exercise, folder, file)
    return 0


def listing(progress: Progress) -> str:
    """All exercises by topic, those that are solved with a check mark, and the summary."""
    lines: list[str] = []
    for exercise in sorted(ALL, key=lambda e: TOPICS.index(e.topic)):
        if exercise.topic not in lines:
            lines += ["", exercise.topic]
        mark = "✓" if progress.of(exercise.name).passed else " "
        lines.append(f"  {mark} {exercise.name:20} {exercise.question.split('. ')[0]}")
    return "\n".join([*lines[1:], "", progress.summary()])


def _work(exercise: Exercise, folder: Path, file: Path) -> int:
    """Write the sheet of an exercise, or grade it."""
    graded, progress = grade(exercise, write(exercise, folder)), Progress(file)
    record = progress.of(exercise.name)
    if graded.begun:
        record.tries += 1
        record.passed = record.passed or graded.passed
        progress.save()
    else:
        print(f"{exercise.question}\n")
    print(graded.text)
    if graded.begun and not graded.passed:
        print(f"A hint: python -m demos practice {exercise.name} --hint")
    return 0 if graded.passed or not graded.begun else 1


def _bug(options: argparse.Namespace, file: Path) -> int:
    if options.solution:
        notebook.give_up(options.seed)
        return 0
    if options.kind is None and options.line is None:
        notebook.bug(options.seed)
        print(
            f"\nAnswer: python -m demos practice bug --seed {options.seed} --kind KIND --line LINE"
        )
        return 0
    if options.kind is None or options.line is None:
        print("An answer has both a kind and a line: --kind sign --line 3", file=sys.stderr)
        return 2
    return 0 if notebook.answer(options.seed, options.kind, options.line, file) else 1
