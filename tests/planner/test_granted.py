"""What nodes are asked for a role that sees some rows: little, no more than is granted, and nothing that lost the condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.nodes.dialects.fit import fit
from fedgate.planner import explain, explain_text, make_plan
from fedgate.planner.exchange import Split
from fedgate.planner.plan import Plan
from fedgate.planner.prune import surviving
from fedgate.planner.rules.scan import scan
from fedgate.sql import granted
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from fedgate.sql.parse import parse
from fedgate.sql.tree import Block, Query, TableRef, transform
from fedgate.types.values import Value
from tests.planner.golden import fleet as replicas_of

fitting = import_module("fedgate.nodes.dialects.fit")  # the package has a function of that name
ENGINES = {"s1": "sqlite", "d1": "duckdb", "g1": "postgres"}
ROWS = "site = current_user OR temp > 30"
USER: dict[str, Value] = {"user": "u", "session_user": "u", "now": 0}


@cache
def snapshot(rows: str = ROWS) -> Snapshot:
    columns = [{"name": n, "type": t} for n, t in (("site", "text"), ("temp", "double precision"), ("n", "integer"), ("x", "text"))]
    urls = {"sqlite": "/a.db", "duckdb": "/a.duckdb", "postgres": "postgresql://h/d"}
    whole = Snapshot.build(
        [
            {"kind": "table", "name": "t", "columns": columns},
            {"kind": "table", "name": "d", "columns": columns[2:3], "distribution": "replicated"},
            *({"kind": "node", "name": n, "engine": e, "url": urls[e]} for n, e in ENGINES.items()),
            *({"kind": "placement", "table": "t", "node": n, "relation": "t", "check": f"site = '{n}'"} for n in ENGINES),
            *({"kind": "placement", "table": "d", "node": n, "relation": "d"} for n in ENGINES),
            {
                "kind": "role",
                "name": "u",
                "grants": [{"table": "d"}, {"table": "t", "columns": ["site", "temp", "n"], "rows": rows}],
            },
        ]
    )
    assert not whole.problems
    return whole.seen_by("u")


def plan(statement: str, rows: str = ROWS) -> Plan:
    seen = snapshot(rows)
    (raw,) = parse(statement)
    return make_plan(bind(raw, seen, BindContext(user="u")), seen, checked=True)


def asked(made: Plan, engine: str, rows: str = ROWS) -> tuple[str, bool]:
    """What the node of that engine is asked for the plan's only exchange, and whether that is all that is to be done."""
    (exchange,) = made.exchanges
    node = next(n for n, e in ENGINES.items() if e == engine)
    seen = snapshot(rows)
    shard = next((s for s in seen.shards(exchange.sharded) if s.name == node), None) if exchange.sharded else None
    copy = next(c for c in replicas_of(seen).candidates(exchange, shard) if c.node.name == node)  # type: ignore[arg-type]
    fitted = fit(exchange.block, copy.placements, shard=node, home=node, engine=engine)
    texts = [p if isinstance(p, str) else f"${p.name}" for part in fitted.parts for p in part.template]
    return " ".join("".join(texts).split()), fitted.residual is None


@pytest.mark.parametrize("engine", ENGINES.values())
def test_groups_are_made_at_the_nodes(engine: str) -> None:
    sql, whole = asked(plan("SELECT site, avg(temp), count(*) FROM t WHERE n < 5 GROUP BY 1"), engine)
    assert whole
    assert "GROUP BY" in sql
    assert "$user" in sql
    assert "CASE WHEN" not in sql.split("WHERE", 1)[1] or engine == "sqlite"


@pytest.mark.parametrize("engine", ENGINES.values())
def test_what_may_raise_is_computed_behind_the_condition(engine: str) -> None:
    sql, whole = asked(plan("SELECT count(*) FROM t WHERE 100 / n > 5"), engine)
    where = sql.split("WHERE", 1)[1]
    if whole:
        assert "$user" in where.split("CASE", 1)[0]
        assert "$user" in where.split("CASE", 1)[1].split("100", 1)[0]
    else:
        assert "100" not in where


def test_a_condition_that_nodes_do_not_know_is_the_gateways_and_so_is_what_may_raise() -> None:
    rows = "md5(x) < '8'"
    sql, whole = asked(plan("SELECT count(*) FROM t WHERE 100 / n > 5 AND site = 's1'", rows), "sqlite", rows)
    assert not whole
    assert "100" not in sql
    assert "site" in sql.split("WHERE", 1)[1]


@pytest.mark.parametrize(
    ("rows", "statement", "kept"),
    [
        ("site = 's1'", "SELECT count(*) FROM t", {"s1"}),
        ("site = current_user", "SELECT count(*) FROM t", set()),
        ("site = 's1' OR site = 'g1'", "SELECT * FROM t WHERE site <> 's1'", {"g1"}),
        ("site = 's1'", "SELECT count(t.n) FROM d LEFT JOIN t ON t.n = d.n", {"s1"}),
        ("_node = 'g1' OR _shard = 's1'", "SELECT count(*) FROM t", {"s1", "g1"}),
    ],
)
def test_shards_without_rows_of_the_role_are_not_asked(rows: str, statement: str, kept: set[str]) -> None:
    made = plan(statement, rows)
    exchange = next(x for x in made.exchanges if x.sharded is not None)
    assert exchange.sharded is not None
    assert {s.name for s in surviving(exchange, snapshot(rows).shards(exchange.sharded), USER)[0]} == kept


def test_explain_does_not_say_the_condition_to_the_role() -> None:
    made = plan("SELECT count(*) FROM t WHERE n > 1", "site = 's1' AND x = 'hush'")
    seen = snapshot("site = 's1' AND x = 'hush'")
    told = explain.Explained(made, replicas_of(seen), USER, verbose=True, reduced=True)  # type: ignore[arg-type]
    text = "\n".join(explain_text.lines(explain.describe(told)))
    assert "hush" not in text
    assert "pruned d1, g1: no row of it is granted" in text
    assert "only rows that are granted" in text


STATEMENTS = (
    "SELECT count(*) FROM t",
    "SELECT site, sum(n) FROM t WHERE temp < 4 GROUP BY 1 HAVING sum(n) > 3",
    "SELECT count(*) FROM t WHERE 100 / n > 5",
    "SELECT count(t.n) FROM t LEFT JOIN d ON d.n = t.n WHERE d.n > 1",
    "SELECT n FROM t ORDER BY temp LIMIT 3",
    "SELECT count(*) FROM t WHERE EXISTS (SELECT FROM d WHERE d.n = t.n)",
)


def _never_written(block: Query, raises: object = None) -> Query:
    return block


def _taken_off(block: Query, raises: object = None) -> Query:
    def step(node: Any) -> Any:
        return replace(node, only=None) if isinstance(node, TableRef) else node

    return transform(block, step, into_queries=True)


def _one_conjunct_short(block: Query, raises: object = None) -> Query:
    written = granted.enforced(block)
    assert isinstance(written, Block)
    return replace(written, where=None)


@pytest.mark.parametrize("broken", [_never_written, _taken_off, _one_conjunct_short])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_block_without_its_condition_is_never_rendered(
    monkeypatch: pytest.MonkeyPatch, broken: Callable[..., Query], statement: str
) -> None:
    made = plan(statement)
    monkeypatch.setattr(fitting, "enforced", broken)
    with pytest.raises(SqlError, match=r"granted in part|not granted") as caught:
        asked(made, "duckdb")
    assert caught.value.sqlstate == "XX000"


def test_a_rule_that_loses_the_condition_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from fedgate.planner import pipeline

    def forgetful(query: Query, split: Split) -> Query:
        return scan(_taken_off(query), split)

    rules = tuple(replace(r, apply=forgetful) if r.name == "scan" else r for r in pipeline.RULES)
    monkeypatch.setattr(pipeline, "RULES", rules)
    made = plan("SELECT n FROM t ORDER BY random()")
    with pytest.raises(SqlError, match="its rows were lost on the way"):
        asked(made, "sqlite")


def test_what_may_raise_beside_the_condition_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan("SELECT count(*) FROM t WHERE 100 / n > 5")
    monkeypatch.setattr(granted, "guarded", lambda expr, limits, raises=None: expr)
    with pytest.raises(SqlError, match="could tell of rows that are not granted"):
        asked(made, "postgres")


@pytest.mark.parametrize(
    ("condition", "telling"),
    [
        ("temp > 5", False),
        ("n IN (1, 2, 3)", False),
        ("x LIKE 'a%'", False),
        ("x LIKE 'a\\'", True),
        ("x LIKE site", True),
        ("lower(x) || site = 'a'", False),
        ("n IS DISTINCT FROM 4 AND NOT (temp BETWEEN 1 AND 2)", False),
        ("coalesce(x, site) = ANY (ARRAY['a', site])", False),
        ("n + 1 > 2", True),
        ("x::int > 2", True),
        ("n::bigint > 2", False),
        ("temp::int > 2", True),
        ("x ~ 'a'", True),
        ("substring(x, n) = 'a'", True),
        ("CASE WHEN n > 1 THEN 1 / n END > 2", True),
    ],
)
def test_what_may_raise(condition: str, telling: bool) -> None:
    whole = snapshot().whole
    assert whole is not None
    (raw,) = parse(f"SELECT 1 FROM t WHERE {condition}")
    query = bind(raw, whole, BindContext()).query
    assert isinstance(query, Block)
    (ref,) = query.from_
    assert isinstance(ref, TableRef)
    assert granted.tells(query.where, {ref.rel}) == telling
