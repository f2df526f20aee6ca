"""What a client's last run gave: a JSON file a client, of which the documentation's page is made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.foreign.catalogs import Compared, Difference
from tests.foreign.definition import HERE, Definition
from tests.foreign.steps import Different, Outcome

PLACE = HERE / "results"
_BEFORE, _SHOWN = 200, 1000


def write(definition: Definition, outcome: Outcome, catalogs: Compared) -> None:
    """Nothing in it depends on when or where the client ran."""
    said = {
        "client": definition.name,
        "title": definition.title,
        "url": definition.url,
        "language": definition.language,
        "version": outcome.version,
        "steps": {
            "equal": outcome.equal,
            "different": sorted(d.step for d in outcome.differences if d.expected is None),
            "expected": _by_reason((d.expected, d.step) for d in outcome.differences),
            "not_applicable": dict(sorted(outcome.not_applicable.items())),
        },
        "catalog_statements": {
            "compared": catalogs.statements - catalogs.left_out,
            "equal": catalogs.equal,
            "different": sum(d.expected is None for d in catalogs.differences),
            "expected": {
                reason: len(found) for reason, found in _by_reason((d.expected, d.statement) for d in catalogs.differences).items()
            },
        },
    }
    PLACE.mkdir(exist_ok=True)
    (PLACE / f"{definition.name}.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read() -> dict[str, dict[str, Any]]:
    """By client, what `write` wrote."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(PLACE.glob("*.json"))}


def report(outcome: Outcome, catalogs: Compared) -> str:
    """Every difference that nobody expected, for the person who has to find out; empty when there is none."""
    parts = [_shown(f"step {d.step!r}", d) for d in outcome.differences if d.expected is None]
    parts += [f"expected of step {e.step!r}, but it is equal: {e.reason}" for e in outcome.unmet]
    parts += [_shown(f"catalog statement\n{d.statement}", d) for d in catalogs.differences if d.expected is None]
    return "\n\n".join(parts)


def _shown(what: str, found: Different | Difference) -> str:
    """Both sides from a little before the first character that differs."""
    pairs = enumerate(zip(found.postgres, found.fedgate, strict=False))
    same = next((at for at, (theirs, ours) in pairs if theirs != ours), 0)
    start = max(0, same - _BEFORE)
    theirs, ours = (f"{'…' if start else ''}{text[start : start + _SHOWN]}" for text in (found.postgres, found.fedgate))
    return f"{what}\n  PostgreSQL: {theirs}\n  fedgate:    {ours}"


def _by_reason(pairs: Iterable[tuple[str | None, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for reason, name in sorted((reason, name) for reason, name in pairs if reason is not None):
        found.setdefault(reason, []).append(name)
    return found
