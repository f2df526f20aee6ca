"""psql, as people type into it: what it prints is what it prints on PostgreSQL 15."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.clients.conftest import Pair

TIMEOUT_S = 20


def psql(dsn: str, script: str = "", *arguments: str) -> str:
    """Everything that psql prints, errors in their places."""
    done = subprocess.run(
        ["psql", "-X", *arguments, dsn],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
    )
    return done.stdout


SCRIPTS = [
    "\\d readings",
    "\\d+ readings",
    "\\d hourly",
    "\\d devices",
    "\\d nope",
    "\\d readings nope",
    "\\df lower",
    "\\df now",
    "\\df nope",
    "\\di",
    "\\ds",
    "\\dm",
    "\\dT",
    "\\dp",
    "\\z readings",
    "\\ddp",
    "\\dRp",
    "\\dy",
    "\\dC integer",
    "\\dD",
    "\\dc",
    "\\dO",
    "\\des",
    "\\encoding",
    "select 1 as a, 'x'::text as b, 1.50::numeric(5,2) as c, '{1}'::int[] as d \\gdesc",
    "select * from readings limit 0 \\gdesc",
    "select site, count(*) from readings group by 1 order by 1 \\g",
    "\\set FETCH_COUNT 2\nselect site, count(*), sum(price) from readings group by 1 order by 1;\n\\echo :ROW_COUNT :SQLSTATE",
    "select site from readings where device = 1 order by ts limit 3;\n\\echo :ROW_COUNT :SQLSTATE :ERROR",
    "select nope from readings;\n\\echo :ROW_COUNT :SQLSTATE :ERROR :LAST_ERROR_MESSAGE",
    "select 1,\n  nope\nfrom readings;",
    "selec 1;",
    "select 1/0;",
    "select 'a'::int;",
    "select site,\n count(* from readings;",
    "select 'é東京', nope from readings;",
    "select $1 + 1;",
    "\\set VERBOSITY sqlstate\nselect nope;",
    "begin;\nselect 1;\nselect 1/0;\nselect 1;\nrollback;",
    "select 1 \\gset x_\n\\echo :x_?column?",
    "select site, day, count(*) from readings where day < '2024-02-23' group by 1, 2 order by 1, 2 \\crosstabview",
    "select 'select '||g from generate_series(1, 3) g order by g \\gexec",
    "\\x\nselect * from readings where site = 's1' order by ts limit 2;",
    "\\pset format csv\nselect * from readings where site = 'd1' order by ts limit 4;",
    "\\pset null NIL\nselect site, note from readings where site = 's1' order by ts limit 2;",
    "show server_encoding;\nshow client_encoding;\nset client_min_messages to warning;\nshow client_min_messages;",
    "prepare p as select count(*) from readings where site = $1;\nexecute p('s1');\ndeallocate p;\nexecute p('s1');",
    "declare c cursor for select 1;",
    "begin;\ndeclare c cursor for select site from readings order by site, ts;\nfetch 3 from c;\nmove 100 in c;\nfetch 2 from c;\n"
    "close c;\ncommit;",
    "\\set AUTOCOMMIT off\nselect 1;\nselect nope;\nselect 2;\nrollback;\nselect 3;",
    "\\set ON_ERROR_ROLLBACK on\nbegin;\nselect 1;\nselect nope;\nselect 2;\ncommit;",
    "\\set SHOW_ALL_RESULTS off\nselect 1\\;select 2;",
    "select 1\\;select 2\\;select nope\\;select 3;",
    ";\n;",
    "\\sf nope",
    "\\errverbose",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_output_is_as_on_postgresql(pair: Pair, script: str) -> None:
    assert psql(pair.fedgate, script) == psql(pair.postgres, script)


@pytest.mark.parametrize("command", ["\\dt", "\\d", "\\dv", "\\dt public.*", "\\dt nope", "\\dt r*", "\\dtv", "\\dE"])
def test_lists_differ_in_the_owner_only(pair: Pair, command: str) -> None:
    """The owner of everything is fedgate."""
    expected = psql(pair.postgres, command, "-A").replace("|postgres", "|fedgate")
    assert psql(pair.fedgate, command, "-A") == expected


def test_schemas_databases_and_roles(pair: Pair) -> None:
    assert [line.split("|")[0] for line in psql(pair.fedgate, "\\dn", "-At").splitlines()] == ["fedgate", "public"]
    assert psql(pair.fedgate, "\\l", "-At").split("|")[:5] == ["fedgate", "fedgate", "UTF8", "C.UTF-8", "C.UTF-8"]
    assert [line.split("|")[0] for line in psql(pair.fedgate, "\\du", "-At").splitlines()] == ["fedgate", "tester"]


def test_conninfo(pair: Pair) -> None:
    assert re.match(r'You are connected to database "fedgate" as user "tester" on host "127', psql(pair.fedgate, "\\conninfo"))


def test_timing(pair: Pair) -> None:
    assert re.fullmatch(r"Timing is on\.\n1\nTime: \d+\.\d+ ms\n", psql(pair.fedgate, "\\timing\nselect 1;", "-At"))


@pytest.mark.parametrize(
    "commands",
    [
        ("select 1; select 2", "select count(*) from readings"),
        ("select 1", "select nope", "select 2"),
        ("begin; select 1; commit", "show transaction_read_only"),
        ("set timezone to 'Asia/Tokyo'; select max(ts) from readings",),
        ("select 1; select 1/0; select 3",),
    ],
)
def test_commands_as_arguments(pair: Pair, commands: tuple[str, ...]) -> None:
    arguments = [word for command in commands for word in ("-c", command)]
    assert psql(pair.fedgate, "", *arguments) == psql(pair.postgres, "", *arguments)


def test_on_error_stop_sets_the_exit_status(pair: Pair) -> None:
    done = subprocess.run(
        ["psql", "-X", "-v", "ON_ERROR_STOP=1", pair.fedgate, "-f", "-"],
        input="select nope;\nselect 1;",
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert 'column "nope" does not exist' in done.stderr


def test_a_name_nearly_right_gets_a_hint(pair: Pair) -> None:
    shown = psql(pair.fedgate, "select * from readngs;\nselect tmp from readings;")
    assert 'relation "readngs" does not exist\nLINE 1: select * from readngs;\n                      ^\nHINT:  ' in shown
    assert '"readings"' in shown
    assert 'Perhaps you meant to reference the column "readings.temp".' in shown


def test_names_are_completed(pair: Pair) -> None:
    """The query that psql 15 sends when TAB is pressed after FROM re."""
    query = (
        "SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'S', 'v', 'm', 'f', 'p') AND "
        "substring(pg_catalog.quote_ident(c.relname),1,2)='re' AND pg_catalog.pg_table_is_visible(c.oid) "
        "AND c.relnamespace <> (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'pg_catalog') LIMIT 1000"
    )
    assert psql(pair.fedgate, query, "-At") == psql(pair.postgres, query, "-At") == "readings\n"
