"""The guards around the C parser, tried in a process of its own: one that fails takes the process with it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from fedgate.errors import SqlError
from fedgate.limits import COMMENT_DEPTH_MAX, STATEMENT_BYTES_MAX, STATEMENT_DEPTH_MAX
from fedgate.sql.parse import parse

# Each text is an expression of Python, built in the child.
HOSTILE = {
    "parentheses": ("'select ' + '(' * 100000 + '1' + ')' * 100000", "54001"),
    "brackets": ("'select a' + '[1' * 100000 + ']' * 100000", "54001"),
    "chain": ("'select ' + '1+' * 100000 + '1'", "54001"),
    "prefixes": ("'select ' + '- ' * 100000 + '1'", "54001"),
    "nots": ("'select ' + 'not ' * 100000 + 'true'", "54001"),
    "cases": ("'select ' + 'case when true then ' * 100000", "54001"),
    "subqueries": ("'select ' + '(select ' * 100000 + '1' + ')' * 100000", "54001"),
    "unions": ("'select 1' + ' union select 1' * 100000", "54001"),
    "casts": ("'select 1' + '::int' * 100000", "54001"),
    "joins": ("'select 1 from t' + ' join t on true' * 100000", "54001"),
    "unclosed": ("'(' * 100000", "54001"),
    "CASE in CASE": ("'select ' + 'case when true then ' * 100000 + '1' + ' end' * 100000", "54001"),
    "CASE in WHEN": ("'select ' + 'case when ' * 100000 + 'true' + ' then true end' * 100000", "54001"),
    "CASE and END as names": ("'select ' + '(select 1 as case, 2 as end, - - - ' * 1000 + '1' + ')' * 1000", "54001"),
    "arms of CASE": ("'select case ' + 'when 1 = 2 then 3 ' * 2000 + 'end'", None),
    "commas in brackets": ("'select ' + 'f(1, ' * 100000 + '1' + ')' * 100000", "54001"),
    "ten megabytes": ("'select ' + 'x' * 10000000", "54001"),
    "long name": ("'select ' + 'x' * 9000000", None),
    "long list": ("'select 1 in (' + ', '.join(['1'] * 200000) + ')'", None),
    "many rows": ("'values ' + ', '.join(['(1, 2)'] * 50000)", None),
    "nul": ("'select 1' + chr(0) + '; drop table t'", "22021"),
    "surrogate": ("'select ' + chr(0xd800)", "22021"),
    "deepest that is let in": ("'select ' + '(' * 1900 + '1' + ')' * 1900", None),
    "longest chain that is let in": ("'select ' + '1+' * 990 + '1'", None),
    "below the check": ("'select ' + '(' * 990 + '1' + ')' * 990", None),
}
CHILD = """
import json, sys, threading
from fedgate.errors import SqlError
from fedgate.sql.parse import parse

def attempt(text, out):
    try:
        out.append([None, len(parse(text))])
    except SqlError as exc:
        out.append([exc.sqlstate, exc.message])

results = {}
for name, source in json.loads(sys.stdin.read()).items():
    out = []
    thread = threading.Thread(target=attempt, args=(eval(source), out))
    thread.start()
    thread.join()
    results[name] = out[0]
print(json.dumps(results))
"""


def test_no_text_kills_the_process() -> None:
    texts = json.dumps({name: source for name, (source, _) in HOSTILE.items()})
    done = subprocess.run([sys.executable, "-c", CHILD], input=texts, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert {name: state for name, (state, _) in results.items()} == {name: state for name, (_, state) in HOSTILE.items()}


@pytest.mark.parametrize(
    ("text", "state", "position"),
    [
        ("select 1 from where", "42601", 15),
        ("select 'é' foo bar baz", "42601", 16),
        ("select 'abc", "42601", 8),
        ("select 1 limit 1, 2", "42601", 10),
        ("select sum(1) over (rows between unbounded following and current row)", "42P20", 34),
        ("select 1::float(60)", "22023", 17),
        ('select ""', "42601", 8),
        (r"select 1, e'it\u12 '", "22025", 15),
        (r"select u&'it\061'", "42601", 13),
    ],
)
def test_syntax_errors_carry_state_and_character_position(text: str, state: str, position: int) -> None:
    with pytest.raises(SqlError) as caught:
        parse(text)
    assert (caught.value.sqlstate, caught.value.position) == (state, position)


def test_statements_of_a_text_keep_their_place() -> None:
    text = "select 'é' ; /* c */ select 2;"
    first, second = parse(text)
    assert first.source == "select 'é' "
    assert second.source.strip().endswith("select 2")
    assert second.position(second.node.target_list[0].res_target.location) == text.index("2") + 1


@pytest.mark.parametrize("text", ["", " ", ";", ";;", "-- ping", "/* x */;"])
def test_nothing_is_no_statement(text: str) -> None:
    assert parse(text) == ()


def test_protobuf_reads_trees_deeper_than_its_own_limit() -> None:
    """The limit of 100 levels (47 operators) is raised by a private call, which an update may take away."""
    assert len(parse("select " + "1+" * 600 + "1")) == 1


def test_limits_are_what_the_errors_say() -> None:
    with pytest.raises(SqlError, match=str(STATEMENT_BYTES_MAX)):
        parse("x" * (STATEMENT_BYTES_MAX + 1))
    with pytest.raises(SqlError) as caught:
        parse("é" * (STATEMENT_BYTES_MAX // 2 + 1))
    assert caught.value.sqlstate == "54001"
    assert parse("select " + "+".join(["1"] * (STATEMENT_DEPTH_MAX // 2 - 5)))


@pytest.mark.parametrize("before", ["", "'' ", "e'\\'' ", "$$ ' $$ ", "a$b$ ", "-- '\n", "/* ' */ ", '"\'" '])
def test_comments_nest_to_a_bound(before: str) -> None:
    """The tokenizer reads nested comments in quadratic time, so it must not see deep ones: this would take minutes."""
    with pytest.raises(SqlError, match="comments are nested") as caught:
        parse(f"select 1, {before}" + "/*" * 100_000 + "*/" * 100_000)
    assert caught.value.sqlstate == "54001"


@pytest.mark.parametrize(
    "text",
    [
        "/*" * COMMENT_DEPTH_MAX + "*/" * COMMENT_DEPTH_MAX,
        "/* */" * 1_000,
        f"'{'/*' * 300}'",
        f"e'\\'{'/*' * 300}'",
        f"$q$'{'/*' * 300}$q$",
        f'"{"/*" * 300}"'[:60] + '"',
        "--" + "/*" * 300 + "\n1",
    ],
)
def test_what_only_looks_like_deep_comments_is_read(text: str) -> None:
    assert len(parse(f"select 1 + {text} 1" if text.startswith("/*") else f"select {text}")) == 1


def test_positions_count_characters_wherever_they_are_asked_for() -> None:
    text = "select 'é日😀' ; select '日', a, 'ü', b"
    statements = parse(text)
    encoded = text.encode()
    for statement in statements:
        for place, character in enumerate(text):
            assert statement.position(len(text[:place].encode())) == place + 1, character
    assert [s.source for s in statements] == ["select 'é日😀' ", "select '日', a, 'ü', b"]
    assert statements[1].position(len(encoded)) == len(text) + 1
