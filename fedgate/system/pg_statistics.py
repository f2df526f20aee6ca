"""Rows of the statistics views: every table and primary key is there, with its estimated rows; what nobody counts is 0.

Source: https://www.postgresql.org/docs/15/monitoring-stats.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fedgate.system.build import Row, Rows
from fedgate.system.facts import Facts
from fedgate.system.objects import Relation, Shown


def _tables(shown: Shown) -> Iterator[Relation]:
    return (relation for relation in shown.relations if relation.kind == "r")


def _named(relation: Relation) -> dict[str, object]:
    return {"relid": relation.oid, "schemaname": relation.schema, "relname": relation.name}


def _zeros(*names: str) -> dict[str, object]:
    return dict.fromkeys(names, 0)


_STAT_TABLE = _zeros(
    *("seq_scan", "seq_tup_read", "n_tup_ins", "n_tup_upd", "n_tup_del", "n_tup_hot_upd", "n_live_tup", "n_dead_tup"),
    *("n_mod_since_analyze", "n_ins_since_vacuum", "vacuum_count", "autovacuum_count", "analyze_count", "autoanalyze_count"),
)
_STAT_INDEX = _zeros("idx_scan", "idx_tup_read", "idx_tup_fetch")
_IO_TABLE = _zeros("heap_blks_read", "heap_blks_hit")
_IO_INDEX = _zeros("idx_blks_read", "idx_blks_hit")


def tables(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in _tables(shown):
        scans = _zeros("idx_scan", "idx_tup_fetch") if relation.key is not None else {}
        yield {**_named(relation), **_STAT_TABLE, **scans, "n_live_tup": relation.rows or 0}


def io_tables(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in _tables(shown):
        yield {**_named(relation), **_IO_TABLE, **(_IO_INDEX if relation.key is not None else {})}


def _indexes(counts: dict[str, object]) -> Rows:
    def rows(shown: Shown, facts: Facts) -> Iterator[Row]:
        for relation in _tables(shown):
            if relation.key is not None:
                yield {**_named(relation), "indexrelid": relation.key.oid, "indexrelname": relation.key.name, **counts}

    return rows


def _each(form: str, rows: Callable[[Shown, Facts], Iterator[Row]]) -> dict[str, Rows]:
    return {form.format(which): rows for which in ("all", "user")}


ROWS: Final[dict[str, Rows]] = {
    **_each("pg_stat_{}_tables", tables),
    **_each("pg_stat_{}_indexes", _indexes(_STAT_INDEX)),
    **_each("pg_statio_{}_tables", io_tables),
    **_each("pg_statio_{}_indexes", _indexes(_IO_INDEX)),
}
