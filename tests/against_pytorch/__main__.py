"""python -m tests.against_pytorch: our calls on the samples of PyTorch's own test databases."""

from __future__ import annotations

import argparse
import collections
import contextlib
import importlib.util
import sys
import time
from collections.abc import Iterator
from typing import Any

FAILURES = ("wrong number", "other dtype", "unclear error")
KINDS = ("agrees", "known", *FAILURES, "refused", "no such argument", "not mapped", "skipped")

REASON = " | "  # between a difference and why it is as it should be


def main() -> int:
    """Run, print the tables, and return 1 if something differs that nobody explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.against_pytorch", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="only these names")
    parser.add_argument("--verbose", action="store_true", help="every difference and refusal")
    parser.add_argument("--all", action="store_true", help="every sample, not 60 per operator")
    options = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        print(
            "against_pytorch: got no module 'torch'; expected PyTorch with its test suite; "
            "pip install torch expecttest"
        )
        return 2
    import torch

    torch.set_num_threads(1)
    rows: dict[str, collections.Counter[str]] = {}
    decided: collections.Counter[tuple[str, str]] = collections.Counter()
    found: dict[tuple[str, str, str], list[str]] = {}
    began = time.perf_counter()
    for name, label, kind, text in verdicts(options):
        rows.setdefault(name, collections.Counter())[kind] += 1
        if kind == "known":
            decided[name, text.rpartition(REASON)[2]] += 1
        found.setdefault((name, kind, shape_of(text)), []).append(f"{label}\n      {text}")
    report(rows, found, options.verbose)
    print("\nDifferences that are decided:")
    for (name, why), count in decided.items():
        print(f"{name:45}{count:>5}  {why}")
    print(f"{time.perf_counter() - began:.0f} s")
    return 1 if any(row[kind] for row in rows.values() for kind in FAILURES) else 0


def shape_of(text: str) -> str:
    """A text without its numbers, so that like differences are shown once."""
    return "".join("#" if c.isdigit() else c for c in text)[:60]


def verdicts(options: Any) -> Iterator[tuple[str, str, str, str]]:
    """The name, the sample, the kind and the text of every comparison."""
    import torch

    from tests.against_pytorch import known, modules, optimizers

    def judged(source: Any, names: list[str]) -> Iterator[tuple[str, str, str, str]]:
        for name in names:
            if options.only and name not in options.only:
                continue
            for dtype in (torch.float64, torch.float32):
                for label, verdict in source(name, dtype):
                    label = f"{str(dtype).removeprefix('torch.')} {label}"
                    if verdict.kind in FAILURES and (why := known.reason(name, label, verdict)):
                        yield name, label, "known", f"{verdict.text}{REASON}{why}"
                    else:
                        yield name, label, verdict.kind, verdict.text

    operators, names = of_operators(None if options.all else 60)
    yield from judged(operators, names)
    yield from judged(modules.samples, modules.names())
    yield from judged(optimizers.samples, optimizers.names())


def of_operators(limit: int | None) -> tuple[Any, list[str]]:
    """The samples of an operator, at most `limit` of them, evenly chosen; and all names."""
    from torch.testing._internal.common_methods_invocations import op_db

    from tests.against_pytorch.compare import SKIPPED, UNMAPPED, Verdict, judge
    from tests.against_pytorch.modules import short
    from tests.against_pytorch.operators import entry

    table = {
        info.name + (f".{info.variant_test_name}" if info.variant_test_name else ""): info
        for info in op_db
    }

    def samples(name: str, dtype: Any) -> Iterator[tuple[str, Verdict]]:
        import torch

        info, ours = table[name], entry(name)
        if ours is None:
            yield "", Verdict(UNMAPPED, "")
            return
        torch.manual_seed(0)
        try:
            inputs = list(info.sample_inputs("cpu", dtype, requires_grad=info.supports_autograd))
        except Exception as error:
            yield "", Verdict(SKIPPED, f"PyTorch: {error}")
            return
        step = 1 if limit is None else max(1, -(-len(inputs) // limit))
        for number, sample in enumerate(inputs[::step]):
            arguments = ((sample.input, *sample.args), sample.kwargs)
            label = f"{number * step} {short(arguments[0])} {short(sample.kwargs)}"
            second = dtype == torch.float64 and info.supports_gradgrad

            def theirs(*args: Any, **kwargs: Any) -> Any:
                return ours.keep(info.op(*args, **kwargs))

            yield label, judge(theirs, ours.ours, arguments, dtype, second)

    return samples, list(table)


def report(rows: Any, found: Any, verbose: bool) -> None:
    """Print what differs, the table by operator, what is not mapped, and the summary."""
    shown = (*FAILURES, "refused", "no such argument", "known") if verbose else FAILURES
    for kind in shown:
        for (name, which, _), texts in found.items():
            if which == kind:
                print(f"{kind}: {name} ×{len(texts)}: {texts[0]}")
                if verbose:
                    for text in texts[1:4]:
                        print(f"   {text}")
    print()
    print(f"{'':45}" + "".join(f"{kind:>17}" for kind in KINDS))
    total: collections.Counter[str] = collections.Counter()
    for name, row in rows.items():
        total += row
        if set(row) - {"not mapped"}:
            print(f"{name:45}" + "".join(f"{row[kind] or '':>17}" for kind in KINDS))
    missing = [name for name, row in rows.items() if set(row) == {"not mapped"}]
    print(f"\nNot mapped, {len(missing)} names: {', '.join(missing)}\n")
    print(f"{f'{sum(total.values())} samples':45}" + "".join(f"{total[k]:>17}" for k in KINDS))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
