"""The questions: one SQL text for gateway, postgres_fdw and DuckDB, and by hand what a careful person would send to each node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """`part` runs at every node, `merge` makes the answer of the parts; `sites` narrows the nodes, as a person would know to.

    `target`: the ratio to postgres_fdw that is to be reached, and the ratio to the floor not to be passed; None where only
    "not slower than postgres_fdw" is asked.
    """

    name: str
    sql: str
    part: str
    merge: Callable[[list[Rows]], Rows]
    sites: tuple[int, ...] | None = None
    target: tuple[float, float] | None = None


def _add(keys: int, *kinds: str) -> Callable[[list[Rows]], Rows]:
    """Merge groups: `sum`, `min`, `max` column by column after the keys; `avg` takes two columns, sum and count."""

    folds = [_FOLD[part] for part in _flat(kinds)]

    def merge(parts: list[Rows]) -> Rows:
        groups: dict[tuple[Any, ...], list[Any]] = {}
        for row in (row for rows in parts for row in rows):
            key, values = row[:keys], list(row[keys:])
            have = groups.get(key)
            groups[key] = values if have is None else [fold(a, b) for fold, a, b in zip(folds, have, values, strict=True)]
        return [(*key, *_finish(kinds, values)) for key, values in groups.items()]

    return merge


_FOLD: dict[str, Callable[[Any, Any], Any]] = {"sum": lambda a, b: a + b, "min": min, "max": max}


def _flat(kinds: tuple[str, ...]) -> list[str]:
    return [part for kind in kinds for part in (("sum", "sum") if kind == "avg" else (kind,))]


def _finish(kinds: tuple[str, ...], values: list[Any]) -> list[Any]:
    out, at = [], 0
    for kind in kinds:
        if kind == "avg":
            out.append(values[at] / values[at + 1])
            at += 2
        else:
            out.append(values[at])
            at += 1
    return out


def _latest(parts: list[Rows]) -> Rows:
    best: dict[Any, tuple[Any, ...]] = {}
    for rows in parts:
        for row in rows:
            if row[0] not in best or row[1] > best[row[0]][1]:
                best[row[0]] = row
    return list(best.values())


def _distinct(parts: list[Rows]) -> Rows:
    return [(len({row[0] for rows in parts for row in rows}),)]


def _top(count: int) -> Callable[[list[Rows]], Rows]:
    return lambda parts: sorted((row for rows in parts for row in rows), key=lambda row: (-row[1], row[0]))[:count]


QUESTIONS: tuple[Question, ...] = (
    Question(
        "avg by sensor", "SELECT sensor, avg(temp) FROM readings GROUP BY sensor",
        "SELECT sensor, sum(temp), count(temp) FROM readings GROUP BY sensor", _add(1, "avg"), target=(5, 1.3),
    ),
    Question("count", "SELECT count(*) FROM readings", "SELECT count(*) FROM readings", _add(0, "sum"), target=(5, 1.3)),
    Question(
        "latest by sensor", "SELECT DISTINCT ON (sensor) sensor, ts, temp FROM readings ORDER BY sensor, ts DESC",
        "SELECT DISTINCT ON (sensor) sensor, ts, temp FROM readings ORDER BY sensor, ts DESC", _latest, target=(5, 1.3),
    ),
    Question(
        "join replicated", "SELECT model, count(*), sum(temp) FROM readings JOIN sensors USING (sensor) GROUP BY model",
        "SELECT model, count(*), sum(temp) FROM readings JOIN sensors USING (sensor) GROUP BY model",
        _add(1, "sum", "sum"), target=(5, 1.3),
    ),
    Question(
        "hourly, one day",
        "SELECT date_trunc('hour', ts) AS h, count(*), min(temp), max(temp) FROM readings "
        "WHERE ts >= '2024-01-10 00:00+00' AND ts < '2024-01-11 00:00+00' GROUP BY 1",
        "SELECT date_trunc('hour', ts) AS h, count(*), min(temp), max(temp) FROM readings "
        "WHERE ts >= '2024-01-10 00:00+00' AND ts < '2024-01-11 00:00+00' GROUP BY 1", _add(1, "sum", "min", "max"),
    ),
    Question(
        "one site", "SELECT status, count(*) FROM readings WHERE site = 3 GROUP BY status",
        "SELECT status, count(*) FROM readings WHERE site = 3 GROUP BY status", _add(1, "sum"), sites=(3,),
    ),
    Question("distinct", "SELECT count(DISTINCT sensor) FROM readings", "SELECT DISTINCT sensor FROM readings", _distinct),
    Question(
        "top 20", "SELECT ts, temp FROM readings ORDER BY temp DESC, ts LIMIT 20",
        "SELECT ts, temp FROM readings ORDER BY temp DESC, ts LIMIT 20", _top(20),
    ),
)  # fmt: skip
