"""Every row of each list, run on its engine over NULLs and extremes, against PostgreSQL 15."""

from __future__ import annotations

import pytest

from tests.nodes.dialects.bench import in_order, oracle_rows
from tests.nodes.dialects.world import World

ENGINES = ("sqlite", "duckdb", "parquet", "postgres")
DUCK = ("duckdb", "parquet")
ALL = frozenset(ENGINES)
NOT_SQLITE = ALL - {"sqlite"}

JSONB = """CASE WHEN id > 2 THEN '{"a":1,"b":"xy"}'::jsonb WHEN id > 1 THEN '{"a\\\\''":1}' ELSE '[1.50]' END"""
# Predicates, and the engines that are sent them exactly.
PREDICATES: dict[str, frozenset[str]] = {
    **{f"id {op} 7": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"7 {op} id": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"b {op} 9223372036854775807": ALL for op in ("=", "<", ">=")},
    **{f"b {op} (-9223372036854775808)": ALL for op in ("=", "<=", ">")},
    **{f"s {op} b": ALL for op in ("=", "<>", "<", ">=")},
    **{f"id {op} 6.5": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"id {op} 7.0": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"b {op} 1e30": ALL for op in ("=", "<", ">")},
    **{f"b {op} 'NaN'::numeric": ALL for op in ("=", "<", ">")},
    **{f"f {op} 0.1::float8": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"f {op} 'Infinity'": ALL for op in ("=", "<", ">=")},
    **{f"f {op} 'NaN'": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"f {op} -0.0": ALL for op in ("=", "<", ">")},
    **{f"f {op} id": ALL for op in ("=", "<", ">")},
    **{f"r {op} 0.25": NOT_SQLITE for op in ("=", "<", ">")},
    **{f"x {op} '12'": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"x {op} 'ABC'": ALL for op in ("=", "<>", "<", ">=")},
    **{f"x {op} v": ALL for op in ("=", "<>", "<", ">=")},
    **{f"v {op} 'V1'": ALL for op in ("=", "<>", "<", ">=")},
    **{f"ok {op} true": ALL for op in ("=", "<>", "<", ">=")},
    **{f"bin {op} '\\xff'": ALL for op in ("=", "<>", "<", ">=")},
    **{f"day {op} '2024-03-01'": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"day {op} 'infinity'": ALL for op in ("=", "<", ">")},
    **{f"day {op} '0044-03-15 BC'": ALL for op in ("=", "<", ">")},
    **{f"ts {op} '2024-03-01'": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"ts {op} '2024-02-29 23:59:59.5'": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"ts {op} '-infinity'": ALL for op in ("=", "<", ">")},
    **{f"ts {op} tm": ALL for op in ("=", "<>", "<", ">=")},
    **{f"tm {op} '2024-03-01 00:00:00.5'": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"tm {op} '2024-02-29 23:59:59.9995'": ALL for op in ("=", "<", "<=", ">", ">=")},
    **{f"tu {op} '1970-01-01 00:00:00.000001'": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"tn {op} '1970-01-01 00:00:00.000001'": ALL for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"iso {op} '2024-02-29 22:00:00'": NOT_SQLITE for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"iso {op} 'infinity'": NOT_SQLITE for op in ("=", "<", ">=")},
    **{f"n {op} 5": NOT_SQLITE for op in ("=", "<>", "<", "<=", ">", ">=")},
    **{f"n {op} 99.99": NOT_SQLITE for op in ("=", "<", ">")},
    "u = '00112233-4455-6677-8899-aabbccddeeff'": NOT_SQLITE,
    "u IS NULL OR n IS NULL OR r IS NULL OR iso IS NOT NULL": ALL,
    "id IN (1, 7, NULL)": ALL,
    "id NOT IN (1, 7)": ALL,
    "id NOT IN (1, NULL)": ALL,
    "x IN ('abc', 'it''s \\ x')": ALL,
    "v IN ('V1', 'é')": ALL,
    "f IN (0, 3)": ALL,
    "ts IN ('2024-03-01', '2024-03-01 00:00:00.5')": ALL,
    "id = ANY ('{1,2}'::int[])": ALL,
    "id = ANY ('{}'::int[]) OR x = ''": ALL,
    "id <> ALL ('{}'::int[])": ALL,
    "id = ANY (NULL::int[]) OR id = 1": ALL,
    "x LIKE 'é%'": ALL,
    "x LIKE 'é\\%\\_*['": ALL,
    "x LIKE 'A_C'": ALL,
    "x NOT LIKE '%b%'": ALL,
    "v LIKE '_'": ALL,
    "x LIKE '%\\\\%'": ALL,
    "ok": ALL,
    "NOT ok": ALL,
    "ok IS TRUE": ALL,
    "ok IS NOT FALSE": ALL,
    "ok IS UNKNOWN": ALL,
    "(id > 1) IS NOT TRUE": ALL,
    "x IS DISTINCT FROM 'abc'": ALL,
    "x IS NOT DISTINCT FROM v": ALL,
    "ts IS DISTINCT FROM '2024-03-01'": ALL,
    "id IS NOT DISTINCT FROM NULL": ALL,
    "id = 1 OR x > 'b' AND NOT ok": ALL,
    "id BETWEEN 1 AND 3": ALL,
    "nullif(x, 'abc') IS NULL": ALL,
    "coalesce(x, v, 'none') = 'none'": ALL,
    "CASE WHEN id > 2 THEN x ELSE v END = 'v1'": ALL,
    "CASE WHEN ok THEN ts ELSE tm END > '2024-01-01'": ALL,
    "id + s > 5 AND id < 100 AND id > -100": ALL,
    "s * 2 = 14 AND s < 100 AND s > -100": ALL,
    "b - 1 < 5 AND b > -100 AND b < 100": ALL,
    "f * 2 > 1 AND f < 10": ALL,
    "f / 3 > 0.3 AND f < 10": ALL,
    "abs(f) < 1": ALL,
    "length(x) = 5": ALL,
    "octet_length(x) = 6": ALL,
    "x || '!' = 'abc!'": ALL,
    "octet_length(bin) = 1": ALL,
    "date_trunc('hour', ts) = '2024-03-01'": ALL,
    "ts::date = '2024-03-01'": ALL,
    "ok::int = 1": ALL,
    "id::bigint = 7": ALL,
    "_node = 'n1' AND _shard <> 's2'": ALL,
    "lower(x) = 'abc'": frozenset(DUCK),
    "extract(year FROM ts) = 2024": NOT_SQLITE,
    "round(n) = 5": NOT_SQLITE,
    "substr(x, 2, 1) = 'b'": NOT_SQLITE,
    "n + 1 > 6": NOT_SQLITE,
    "greatest(id, s) = 7": NOT_SQLITE,
    "tu + interval '1 day' > '2024-03-01'": NOT_SQLITE,
    "md5(x) > '8'": NOT_SQLITE,
    f"{JSONB} @? '$.a ? (@ == 1)'": NOT_SQLITE,
    f"{JSONB} @@ '($[0] * 2).floor() + 1 == 4 && !exists($.x)'": NOT_SQLITE,
    f"{JSONB} @@ 'strict $.\"a\\\\''\" == 1'": NOT_SQLITE,
    f"{JSONB} @? '$.b ? (@ like_regex \"^x\")'": frozenset(DUCK),
    f"{JSONB} @? '$.b.datetime()'": frozenset(DUCK),
    f"jsonb_path_exists({JSONB}, '$.a ? (@ == 1)')": frozenset(DUCK),
}

# Whole statements, and the engines that answer them alone.
QUERIES: dict[str, frozenset[str]] = {
    "SELECT count(*) FROM t": ALL,
    "SELECT count(*), count(id), count(x), count(u), count(DISTINCT x), count(DISTINCT ok) FROM t": ALL,
    "SELECT sum(s), sum(id), sum(b) FROM t": ALL,
    "SELECT sum(b) FROM t WHERE b < 0": ALL,
    "SELECT sum(b) FROM t WHERE b > 100 OR b = 7": ALL,
    "SELECT sum(b) FROM t WHERE b BETWEEN -100 AND -1": ALL,
    "SELECT sum(id), sum(b), sum(f), min(x), max(ts) FROM t WHERE id = 12345": ALL,
    "SELECT sum(f) FROM t WHERE f < 10": ALL,
    "SELECT sum(f), max(f * 2) FROM t WHERE f > 1e308": ALL,
    "SELECT f + 1, f / 2, 1 / f FROM t WHERE f > 1e308 ORDER BY 1": ALL,
    "SELECT min(id), max(b), min(f), max(f), min(x), max(x), min(v), max(v), min(day), max(day) FROM t": ALL,
    "SELECT min(ts), max(ts), min(tm), max(tu), min(tn), max(tn) FROM t": ALL,
    "SELECT bool_and(ok), bool_or(ok), every(id > 0) FROM t": ALL,
    "SELECT count(*) FILTER (WHERE ok), sum(s) FILTER (WHERE x > 'a') FROM t": ALL,
    "SELECT ok, count(*), sum(s) FROM t GROUP BY ok ORDER BY ok NULLS FIRST": ALL,
    "SELECT v, x, count(*) FROM t GROUP BY v, x ORDER BY v DESC NULLS LAST, x": ALL,
    "SELECT _node, count(*) FROM t GROUP BY _node": ALL,
    "SELECT ok, _shard, sum(s), _node FROM t GROUP BY _shard, ok, _node ORDER BY 2, 1 NULLS FIRST, 4": ALL,
    "SELECT _node, ok, count(*) FROM t WHERE id = 12345 GROUP BY _node, ok": ALL,
    "SELECT _node, ok, grouping(ok, _node), count(*) FROM t GROUP BY 1, 2 ORDER BY 2 NULLS FIRST": frozenset(DUCK),
    "SELECT _node, count(*) FROM t WHERE id = 12345 GROUP BY _node": ALL,
    **{f"SELECT date_trunc('{u}', ts), count(*) FROM t GROUP BY 1 ORDER BY 1": ALL for u in ("second", "minute", "hour", "day")},
    **{f"SELECT date_trunc('{u}', ts), count(*) FROM t GROUP BY 1 ORDER BY 1": ALL for u in ("week", "month", "quarter", "year")},
    **{f"SELECT date_trunc('{u}', tm) FROM t ORDER BY 1": ALL for u in ("milliseconds", "hour", "week", "quarter")},
    "SELECT date_trunc('microseconds', tu), date_trunc('day', tn) FROM t ORDER BY 1, 2": ALL,
    "SELECT ok, sum(b) FROM t GROUP BY ok ORDER BY 2 NULLS FIRST LIMIT 2": NOT_SQLITE,
    "SELECT ok, v, count(*), sum(s) FROM t GROUP BY ok, v HAVING count(*) > 1 AND max(x) > 'a' ORDER BY 3 DESC, 2, 1 LIMIT 3": ALL,
    "SELECT v, min(ts) FROM t GROUP BY v HAVING min(id) IS NOT NULL OR bool_or(ok) ORDER BY v NULLS FIRST": ALL,
    "SELECT ok, count(*) FROM t GROUP BY ok HAVING count(*) * 2 > 3 ORDER BY 1": NOT_SQLITE,
    "SELECT ok FROM t GROUP BY ok HAVING sum(b) > 3 ORDER BY count(*) + 1, 1 LIMIT 2": NOT_SQLITE,
    "SELECT ok, sum(id) + 1, count(*) FROM t WHERE id < 1000 GROUP BY ok HAVING avg(id) > 2"
    " ORDER BY avg(id), 1 LIMIT 2": NOT_SQLITE,
    "SELECT floor(extract(epoch FROM ts) / 300) * 300, count(*) FROM t GROUP BY 1 ORDER BY 1": ALL,
    "SELECT floor(extract(epoch FROM tm) / 60) * 60 AS b, sum(s) FROM t GROUP BY 1 ORDER BY 1 DESC": ALL,
    "SELECT floor(extract(epoch FROM tn) / 7) * 7 FROM t ORDER BY 1": ALL,
    "SELECT floor(extract(epoch FROM ts) / 7) * 8 FROM t ORDER BY 1": NOT_SQLITE,
    "SELECT ts::date, count(*) FROM t GROUP BY 1 ORDER BY 1": ALL,
    "SELECT DISTINCT x FROM t ORDER BY x": ALL,
    "SELECT DISTINCT v, ok FROM t ORDER BY v DESC, ok": ALL,
    "SELECT x FROM t ORDER BY x LIMIT 3": ALL,
    "SELECT id, x FROM t ORDER BY f DESC NULLS LAST, id LIMIT 4": ALL,
    "SELECT ts, bin FROM t ORDER BY ts NULLS FIRST, id LIMIT 0": ALL,
    "SELECT * FROM (SELECT id AS i, x AS y FROM t) q ORDER BY i, y": ALL,
    "SELECT i, y || '!' FROM (SELECT id AS i, x AS y FROM t) q ORDER BY i, y": NOT_SQLITE,
    "SELECT id, 'it''s', 1.5::float8, true, NULL::text FROM t ORDER BY id": ALL,
    "SELECT sum(n), min(n), max(n) FROM t": NOT_SQLITE,
    "SELECT min(r), max(r), sum(r::float8) FROM t WHERE r < 100": NOT_SQLITE,
    "SELECT DISTINCT ON (ok) ok, x FROM t ORDER BY ok, x": ALL,
    "SELECT DISTINCT ON (ok) ok, ts, id FROM t ORDER BY ok NULLS FIRST, ts DESC, id DESC": ALL,
    "SELECT DISTINCT ON (ok, v) v, ok, b FROM t ORDER BY v DESC, ok, b, id": ALL,
    "SELECT DISTINCT ON (x) x, id, bin, f, day, tn FROM t WHERE id < 100 ORDER BY x NULLS FIRST, f DESC NULLS LAST, id, b": ALL,
    "SELECT DISTINCT ON (date_trunc('day', ts)) ts, n, u FROM t ORDER BY date_trunc('day', ts), ts DESC, id, s, b": ALL,
    "SELECT DISTINCT ON (id) id, v, x FROM t WHERE x IS NOT NULL ORDER BY id, x DESC": ALL,
    **{
        f"SELECT DISTINCT ON (ok) ok, {c} FROM t ORDER BY ok, {c} {way}": ALL
        for c in ("f", "x", "ts", "s", "day", "tn")
        for way in ("", "DESC", "NULLS FIRST", "DESC NULLS LAST")
    },
    "SELECT DISTINCT ON (ok) ok, upper(x) FROM t ORDER BY ok, x": frozenset(DUCK),
    "SELECT DISTINCT ON (ok) ok, n FROM t ORDER BY ok, n, id": NOT_SQLITE,
    "SELECT ok, array_agg(id ORDER BY id), array_agg(x ORDER BY x DESC NULLS LAST, id), string_agg(v, ', ' ORDER BY v, id) FROM t"
    " GROUP BY ok ORDER BY ok": NOT_SQLITE,
    "SELECT array_agg(f ORDER BY f), array_agg(ts ORDER BY ts), array_agg(day ORDER BY id, day), array_agg(ok ORDER BY ok)"
    " FROM t": NOT_SQLITE,
    "SELECT array_agg(u ORDER BY u), array_agg(n ORDER BY n), string_agg(bin, ''::bytea ORDER BY bin) FROM t": NOT_SQLITE,
    "SELECT ok, array_agg(id) FILTER (WHERE id > 3), string_agg(x, NULL ORDER BY x) FROM t WHERE id = 7 GROUP BY ok": NOT_SQLITE,
    "SELECT array_agg(DISTINCT x ORDER BY x DESC), string_agg(DISTINCT x, '|' ORDER BY x) FROM t WHERE ok": NOT_SQLITE,
    # ranks within groups, and what is chosen by them
    "SELECT id, x, n, tm FROM (SELECT *, row_number() OVER (PARTITION BY ok ORDER BY ts DESC, id, b) AS k FROM t) q"
    " WHERE k <= 2 ORDER BY ok NULLS FIRST, ts DESC, id, b": ALL,
    "SELECT k, v FROM (SELECT v, rank() OVER (PARTITION BY ok, x ORDER BY v DESC NULLS LAST) AS k FROM t WHERE id > 1) q"
    " WHERE k = 2 OR k < 2 ORDER BY v, k": NOT_SQLITE,
    "SELECT v FROM (SELECT v, dense_rank() OVER (ORDER BY v, ok) AS k, row_number() OVER (ORDER BY v DESC, ok, id, b) AS m FROM t)"
    " q WHERE k < 3 OR m = 1 ORDER BY v": ALL,
    "SELECT x FROM (SELECT x, row_number() OVER (PARTITION BY ok ORDER BY x, id) AS k FROM t) q WHERE k + 1 < 3"
    " ORDER BY x": NOT_SQLITE,
    "SELECT x FROM (SELECT x, id, lag(x) OVER (ORDER BY id, b, s) AS k FROM t) q WHERE k = 'abc' ORDER BY id, x": NOT_SQLITE,
    "SELECT id, lead(x, 2, 'none') OVER (PARTITION BY ok ORDER BY id, x, b, s, ts), first_value(v) OVER (ORDER BY x, id, b, s, ts),"
    " ntile(3) OVER (ORDER BY id, x, b, s, ts), sum(s) OVER (PARTITION BY v), max(x) OVER (ORDER BY id, x, b, s, ts"
    " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW), count(*) FILTER (WHERE ok) OVER (ORDER BY id),"
    " last_value(day) OVER (ORDER BY x, id, b, s, ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    " FROM t ORDER BY id, x, b, s, ts": NOT_SQLITE,
    "SELECT percent_rank() OVER (ORDER BY x), cume_dist() OVER (ORDER BY x), nth_value(x, 2) OVER (ORDER BY x, id), x, id FROM t"
    " ORDER BY x, id": NOT_SQLITE,
    "SELECT sum(s) OVER (ORDER BY s RANGE BETWEEN 1 PRECEDING AND CURRENT ROW), s FROM t ORDER BY s": frozenset(DUCK),
    "SELECT DISTINCT ON (ok) ok, x, id FROM t ORDER BY ok, x DESC, id LIMIT 2": NOT_SQLITE,
    "SELECT a.id, b.x FROM t a JOIN t b ON a.id = b.s ORDER BY 1, 2": NOT_SQLITE,
    "SELECT a.id, b._node FROM t a LEFT JOIN t b ON a.id = b.s ORDER BY 1, 2": NOT_SQLITE,
    "SELECT count(*) FROM t GROUP BY GROUPING SETS ((ok), ()) ORDER BY 1": frozenset(DUCK),
    # what the planner makes of variances, of pairs and of bits
    "SELECT count(id), sum(id), sum(id::bigint * id::bigint), sum(s::bigint * s::bigint) FROM t": ALL,
    "SELECT ok, sum((b >> 32) * (b >> 32)), sum((b >> 32) * (b & 4294967295)) FROM t GROUP BY ok ORDER BY ok": NOT_SQLITE,
    "SELECT sum((b & 4294967295)::numeric * (b & 4294967295)::numeric), sum(n * n) FROM t": NOT_SQLITE,
    "SELECT bit_and(b), bit_or(s), bit_xor(id), bit_xor(b) FROM t": NOT_SQLITE,
    "SELECT ok, avg(s::float8), round(var_pop(s::float8)::numeric, 3) FROM t GROUP BY ok ORDER BY ok": NOT_SQLITE,
    "SELECT regr_count(r, s), regr_count(f, r) FROM t": NOT_SQLITE,
    "SELECT round(regr_avgx(s, r)::numeric, 6), regr_avgy(s, r) FROM t WHERE abs(r) < 100": NOT_SQLITE,
    "SELECT round(regr_sxx(s, r)::numeric, 6), round(regr_syy(s, r)::numeric, 3) FROM t WHERE abs(r) < 100": NOT_SQLITE,
    "SELECT round(regr_sxy(s, r)::numeric, 3) FROM t WHERE abs(r) < 100": NOT_SQLITE,
    "SELECT var_pop(f), regr_sxx(s, s), avg(f) FROM t WHERE id = 12345": NOT_SQLITE,
    "SELECT s, count(*) FROM t GROUP BY s ORDER BY s": ALL,
}

# Joins, whose rows come in no order.
JOINS: dict[str, frozenset[str]] = {
    "SELECT count(*), sum(a.s), min(b.x), max(b.ts) FROM t a JOIN t b ON a.id = b.s": ALL,
    "SELECT a.id, b.x, b.ts, a._node FROM t a JOIN t b ON a.id = b.s": ALL,
    "SELECT a.id, b.x, b.ok, b.ts, b.f FROM t a LEFT JOIN t b ON a.id = b.s AND b.ok": ALL,
    "SELECT b.x, count(*), count(a.f) FROM t a LEFT JOIN t b ON a.x = b.x AND b.id > 1 GROUP BY b.x": ALL,
    "SELECT a.x, count(b.id), sum(b.f) FROM t a LEFT JOIN t b ON a.id < b.id WHERE a.ok GROUP BY a.x": ALL,
    "SELECT a.id FROM t a LEFT JOIN t b ON a.x = b.x WHERE b.id IS NULL AND a.id > 0": ALL,
    "SELECT count(*) FROM t a, t b WHERE a.x = b.x AND a.ts <= b.ts": ALL,
    "SELECT count(*) FROM t a CROSS JOIN t b": ALL,
    "SELECT count(*) FROM t a, t b": ALL,
    "SELECT DISTINCT a.ok, b.v FROM t a JOIN t b ON a.v = b.v JOIN t c ON c.id = a.id": ALL,
    "SELECT a.ok, date_trunc('day', b.ts), sum(a.b) FROM t a JOIN t b USING (id) WHERE a.x <> 'q' GROUP BY 1, 2": ALL,
    "SELECT a.ok, count(*) FROM t a JOIN t b USING (id) WHERE a.id = 12345 GROUP BY a.ok": ALL,
    "SELECT a.v, count(*) FROM t a JOIN t b USING (id) GROUP BY a.v HAVING count(*) > 1 AND sum(b.f) IS NOT NULL": ALL,
    "SELECT a.v, sum(a.b) FROM t a JOIN t b USING (id) GROUP BY a.v HAVING avg(a.id) > 1 ORDER BY 1 LIMIT 2": NOT_SQLITE,
    "SELECT count(*) FROM t a JOIN t b ON a.id = b.id AND upper(a.x) = b.x": frozenset(DUCK),
    "SELECT sum(a.id + b.id) FROM t a JOIN t b ON a.id = b.id AND a.id BETWEEN 0 AND 5": NOT_SQLITE,
    "SELECT count(*) FROM t a RIGHT JOIN t b ON a.id = b.s": NOT_SQLITE,
    "SELECT count(*) FROM t a FULL JOIN t b ON a.id = b.s": NOT_SQLITE,
    "SELECT count(*) FROM t a LEFT JOIN (t b JOIN t c ON b.id = c.s) ON a.id = b.id": NOT_SQLITE,
    "SELECT a.id FROM t a JOIN t b ON a.id = b.s ORDER BY 1 LIMIT 1": NOT_SQLITE,
    # Semi-joins and anti-joins.
    "SELECT a.id, a.x FROM t a WHERE EXISTS (SELECT FROM t b WHERE b.s = a.id AND b.f < 10)": ALL,
    "SELECT a.id, a.x FROM t a WHERE NOT EXISTS (SELECT FROM t b WHERE b.s = a.id)": ALL,
    "SELECT count(*), sum(a.b) FROM t a WHERE EXISTS (SELECT FROM t b WHERE a.x = b.x AND b.v = a.v AND b.id > 1)": ALL,
    "SELECT ok, count(*) FROM t a WHERE NOT EXISTS (SELECT 1 FROM t b WHERE a.tm = b.ts) GROUP BY ok": ALL,
    "SELECT a.id FROM t a WHERE EXISTS (SELECT FROM t b WHERE b.day = a.day) AND a.id > 0": ALL,
    "SELECT a.id FROM t a WHERE a.ok OR NOT EXISTS (SELECT FROM t b WHERE b.id = a.s AND b.ok) ORDER BY id LIMIT 3": ALL,
    "SELECT DISTINCT a.v FROM t a WHERE EXISTS (SELECT FROM t b WHERE b.v = a.x OR b.v IS NULL)": NOT_SQLITE,
    "SELECT a.id FROM t a WHERE EXISTS (SELECT FROM t b WHERE b.id > a.id)": NOT_SQLITE,
    "SELECT a.id FROM t a WHERE EXISTS (SELECT FROM t b JOIN t c ON b.id = c.s WHERE b.id = a.id)": NOT_SQLITE,
    "SELECT a.id FROM t a WHERE EXISTS (SELECT FROM t b WHERE b.f = a.f)": NOT_SQLITE,
    "SELECT a.id, a.s FROM t a WHERE a.s IN (SELECT b.id FROM t b)": ALL,
    "SELECT a.id, a.s FROM t a WHERE a.s NOT IN (SELECT b.id FROM t b)": ALL,
    "SELECT a.id, a.s FROM t a WHERE a.s NOT IN (SELECT b.id FROM t b WHERE b.id IS NOT NULL)": ALL,
    "SELECT a.id, a.s FROM t a WHERE a.s NOT IN (SELECT b.id FROM t b WHERE b.id = 12345)": ALL,
    "SELECT a.id FROM t a WHERE (a.x IN (SELECT b.v FROM t b WHERE b.ok)) IS NULL": ALL,
    "SELECT count(*) FROM t a WHERE a.id <> ALL (SELECT b.s FROM t b WHERE b.s > 0)": ALL,
    "SELECT count(*) FROM t a WHERE a.x IN (SELECT b.x FROM t b WHERE b.id = a.id)": NOT_SQLITE,
    "SELECT count(*) FROM t a WHERE a.id > ALL (SELECT b.s FROM t b WHERE b.s < 0)": NOT_SQLITE,
    "SELECT count(*) FROM t a WHERE (a.id, a.x) NOT IN (SELECT b.s, b.v FROM t b WHERE b.ok)": NOT_SQLITE,
    "SELECT count(*) FROM t a JOIN t b ON a.id = b.id WHERE NOT EXISTS (SELECT FROM t c WHERE c.s = b.s AND c.x < 'b')": ALL,
    "SELECT count(*) FROM t a WHERE NOT EXISTS (SELECT FROM t b WHERE b.id = a.id AND b.s + 1 > 0)": NOT_SQLITE,
    # The length of v is checked as DuckDB reads it: before it looks for such rows it would join all rows of a list.
    "SELECT count(*) FROM t a, t c WHERE a.id = c.s AND NOT EXISTS (SELECT FROM t b WHERE b.s = a.s AND b.v > 'v1')": frozenset(
        {"sqlite", "postgres"}
    ),
    "SELECT count(*) FROM t a, t c WHERE a.id = c.s AND a.v NOT IN (SELECT b.v FROM t b WHERE b.v > 'v1')": ALL,
    "SELECT count(*) FROM t a, t c WHERE a.id = c.s AND NOT EXISTS (SELECT FROM t b WHERE b.s = a.s AND b.x > 'a')": ALL,
    "SELECT count(*) FROM t a JOIN t c ON a.id = c.s WHERE EXISTS (SELECT FROM t b WHERE b.s = a.s AND b.v > 'v1')": ALL,
}


@pytest.mark.parametrize("engine", ["sqlite", "duckdb", "postgres"])  # parquet's dialect is duckdb's
@pytest.mark.parametrize("predicate", PREDICATES)
def test_predicate(world: World, predicate: str, engine: str) -> None:
    sql = f"SELECT id, s, x, ts, n, u, bin, r FROM t WHERE {predicate} ORDER BY id, s, x"
    answer = world.benches[engine].run(sql)
    assert answer.rows == oracle_rows(world.oracle, sql)
    assert answer.whole == (engine in PREDICATES[predicate]), answer.fitted.notes


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("sql", QUERIES)
def test_query(world: World, sql: str, engine: str) -> None:
    answer = world.benches[engine].run(sql)
    assert in_order(answer.rows, sql) == in_order(oracle_rows(world.oracle, sql), sql)
    assert answer.whole == (engine in QUERIES[sql]), answer.fitted.notes


@pytest.mark.parametrize("engine", ["sqlite", "duckdb", "postgres"])
@pytest.mark.parametrize("sql", JOINS)
def test_join(world: World, sql: str, engine: str) -> None:
    answer = world.benches[engine].run(sql)
    assert in_order(answer.rows, sql) == in_order(oracle_rows(world.oracle, sql), sql)
    assert answer.whole == (engine in JOINS[sql]), answer.fitted.notes


@pytest.mark.parametrize("engine", ENGINES)
def test_plain_scan(world: World, engine: str) -> None:
    columns = "id, b, s, f, r, x, v, ok, bin, day, ts, tm, tu, tn, iso, n, u"
    got = world.benches[engine].run(f"SELECT {columns} FROM t").rows
    assert sorted(map(repr, got)) == sorted(map(repr, oracle_rows(world.oracle, f"SELECT {columns} FROM t")))
