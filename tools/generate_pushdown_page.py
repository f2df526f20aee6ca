"""Writes `docs/reference/pushdown.md`, what each engine computes itself: `python tools/generate_pushdown_page.py`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, `tools` is no package yet

from fedgate.sql import tables  # noqa: E402
from tools.lib.pushdown import ENGINES, Answer, Signature, answers, signatures, spelled  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "pushdown.md"
_TITLES = {"sqlite": "SQLite", "duckdb": "DuckDB", "parquet": "Parquet", "postgres": "PostgreSQL"}
_HEAD = """# What nodes compute

What is sent to a node is what gives PostgreSQL's result there; the rest is computed at the gateway over the rows and columns that
it needs, with the same answer. This page says which engine computes what, in the place that the node's answer is made of: the
select list, a key, an aggregate. It is generated (`tools/generate_pushdown_page.py`) by asking the planner and each engine's
dialect about every call over columns of the catalog's types, each stored as the engine stores it by default; other encodings and
an `expression` in a placement can make a difference, and [EXPLAIN](../planning.md) tells it of one statement. DuckDB and Parquet
nodes are files that the gateway's own process reads.

*whole*: the engine computes the call itself. *partial*: over several shards, nodes send partial aggregates, which the gateway
merges. *values*: nodes send distinct values with counts, of which the gateway makes the aggregate. A type behind it says that it
is so of these types only, `n of m` of so many of the call's argument types. An empty cell: rows are sent, the gateway computes.
"""
_AGGREGATES = """
## Aggregates

With `GROUP BY`, over one shard (*whole*) and over several. `DISTINCT` goes as distinct values; `(array_agg(x ORDER BY y))[1]` as
the first row of each group, `FILTER` with the aggregate.
"""
_FUNCTIONS = """
## Functions and operators

By the type of the first argument that is no constant. Templates, patterns and units of time are constants here, as they are in most
statements. What depends on the session (`now()`, `random()`) is never computed at a node.
"""
_FAMILIES = {
    "N": "Numbers", "S": "Texts", "D": "Dates and times", "T": "Intervals", "B": "Booleans", "A": "Arrays",
    "U": "JSON, bytea, uuid",
}  # fmt: skip
_SHOWN = 3

Asked = list[tuple[Signature, dict[str, Answer]]]


@cache
def _asked() -> tuple[tuple[Signature, dict[str, Answer]], ...]:
    return tuple((s, found) for s in signatures() if (found := answers(s)) is not None)


def page() -> str:
    """The whole page."""
    aggregates = [pair for pair in _asked() if pair[0].kind == "aggregate"]
    others = [pair for pair in _asked() if pair[0].kind != "aggregate"]
    parts = [_HEAD, _share(aggregates, others), _AGGREGATES, _table("Aggregate", aggregates)]
    parts.append(_FUNCTIONS)
    for category, title in _FAMILIES.items():
        family = [pair for pair in others if tables.types()[pair[0].of].category == category]
        parts.append(f"\n### {title}\n{_table('Call', family)}")
    return "".join(parts)


def _share(aggregates: Asked, others: Asked) -> str:
    """What part of all calls each engine computes."""

    def line(title: str, pairs: Asked, holds: Callable[[Answer], bool]) -> str:
        cells = []
        for engine in ENGINES:
            count = sum(holds(found[engine]) for _, found in pairs)
            cells.append(f"{count} of {len(pairs)} ({count / len(pairs):.0%})")
        return f"| {title} | {' | '.join(cells)} |\n"

    rows = [
        line("Aggregates over one shard, whole", aggregates, lambda a: a.whole),
        line("Aggregates over several, partial", aggregates, lambda a: a.partial),
        line("Aggregates over several, partial or values", aggregates, lambda a: a.partial or a.values),
        line("Functions and operators", others, lambda a: a.whole),
    ]
    for category, title in _FAMILIES.items():
        family = [pair for pair in others if tables.types()[pair[0].of].category == category]
        rows.append(
            line(f"… of {title[0].lower() + title[1:] if title != 'JSON, bytea, uuid' else title}", family, lambda a: a.whole)
        )
    return (
        f"\n## Share of each engine\n\nCalls are counted once for each list of argument types.\n\n{_header('Calls')}{''.join(rows)}"
    )


def _header(first: str) -> str:
    titles = [_TITLES[engine] for engine in ENGINES]
    return f"| {first} | {' | '.join(titles)} |\n|---{'|---' * len(titles)}|\n"


def _table(first: str, pairs: Asked) -> str:
    names = sorted({s.name for s, _ in pairs})
    lines = []
    for name in names:
        own = [pair for pair in pairs if pair[0].name == name]
        cells = [_cell([(s, found[engine]) for s, found in own]) for engine in ENGINES]
        lines.append(f"| {_code(name)} | {' | '.join(cells)} |\n")
    return f"\n{_header(first)}{''.join(lines)}"


def _cell(found: list[tuple[Signature, Answer]]) -> str:
    kinds: tuple[tuple[str, Callable[[Answer], bool]], ...] = (
        ("whole", lambda a: a.whole),
        ("partial", lambda a: a.partial),
        ("values", lambda a: a.values),
    )
    said = [(kind, _of((s for s, a in found if holds(a)), [s for s, _ in found])) for kind, holds in kinds]
    return ", ".join(f"{kind}{of}" for kind, of in said if of is not None)


def _of(those: Iterable[Signature], among: list[Signature]) -> str | None:
    """For which of the signatures: '' for all, None for none."""
    chosen = list(those)
    if not chosen or len(chosen) == len(among):
        return "" if chosen else None
    types = sorted({spelled(s.of) for s in chosen})
    others = {spelled(s.of) for s in among if s not in chosen}
    if len(types) <= _SHOWN and others.isdisjoint(types):
        return f" ({', '.join(types)})"
    return f" ({len(chosen)} of {len(among)})"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
