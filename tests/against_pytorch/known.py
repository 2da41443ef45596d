"""Differences that are decided, each with its reason."""

from __future__ import annotations

import re

from tests.against_pytorch.compare import Verdict

# (operator, kind, a pattern that the difference's text or the sample matches, why)
KNOWN: list[tuple[str, str, str, str]] = []


def reason(name: str, label: str, verdict: Verdict) -> str | None:
    """Why a difference is as it should be; None if nobody has said."""
    for operator, kind, pattern, why in KNOWN:
        if re.fullmatch(operator, name) and kind == verdict.kind:
            if re.search(pattern, f"{label} | {verdict.text}"):
                return why
    return None
