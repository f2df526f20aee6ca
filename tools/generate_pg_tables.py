"""Writes `fedgate/sql/tables/data/*.tsv` from a running PostgreSQL 15: `python tools/generate_pg_tables.py CONNINFO`.

Only rows of pg_catalog are taken, so any database of an untouched cluster will do. Lists inside a field are JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psycopg

DATA = Path(__file__).resolve().parent.parent / "fedgate" / "sql" / "tables" / "data"

QUERIES = {
    "types": """
        select oid, typname, typtype, typcategory, typispreferred, typlen, typelem, typarray, typbasetype,
               typmodin <> 0, typsubscript::oid = 'raw_array_subscript_handler'::regproc or typlen = -1 and typcategory = 'A',
               exists (select from pg_opclass o join pg_am a on a.oid = opcmethod
                       where opcdefault and amname = 'btree' and opcintype = t.oid),
               exists (select from pg_opclass o join pg_am a on a.oid = opcmethod
                       where opcdefault and amname = 'hash' and opcintype = t.oid)
        from pg_type t where typnamespace = 'pg_catalog'::regnamespace order by oid""",
    "casts": "select castsource, casttarget, castfunc, castcontext, castmethod from pg_cast order by 1, 2",
    "operators": """
        select oid, oprname, oprleft, oprright, oprresult, oprcode::oid, oprnegate, oprcom
        from pg_operator where oprnamespace = 'pg_catalog'::regnamespace order by oprname, oid""",
    "functions": """
        select p.oid, proname, prokind, proargtypes::oid[], provariadic, prorettype, proretset, proisstrict, provolatile,
               proallargtypes, proargmodes, proargnames,
               (select array_agg(pg_get_function_arg_default(p.oid, i) order by i)
                from generate_series(1, coalesce(array_length(proallargtypes, 1), pronargs)) i
                where pg_get_function_arg_default(p.oid, i) is not null),
               aggkind, aggnumdirectargs
        from pg_proc p left join pg_aggregate a on a.aggfnoid = p.oid
        where pronamespace = 'pg_catalog'::regnamespace order by proname, p.oid""",
    "keywords": "select word, catcode, barelabel, catdesc, baredesc from pg_get_keywords() order by word",
    # The characters of each class in C.UTF-8 as ranges of code points (the last ones included).
    "ctype": """
        select class, string_agg(low || '-' || high, ',' order by low) from (
            select class, min(code) low, max(code) high from (
                select class, code, code - row_number() over (partition by class order by code) as island
                from unnest(array['alpha', 'upper', 'lower', 'punct', 'graph', 'space', 'cntrl', 'print']) class,
                     generate_series(1, 1114111) code
                where code not between 55296 and 57343 and chr(code) ~ ('[[:' || class || ':]]')) c
            group by class, island) r
        group by class order by class""",
}


def field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return json.dumps(value, separators=(",", ":"))
    return str(value)


def main(conninfo: str) -> None:
    DATA.mkdir(exist_ok=True)
    with psycopg.connect(conninfo) as connection:
        version = connection.info.server_version
        if version // 10000 != 15:
            raise SystemExit(f"a PostgreSQL 15 is needed, this is {version}")
        for name, query in QUERIES.items():
            lines = ["\t".join(map(field, row)) for row in connection.execute(query)]
            (DATA / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            print(name, len(lines), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
