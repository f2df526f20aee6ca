"""Statements that differ in literals only share what was learnt of the first, and never an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from fedgate.session.lift import LIKE, REGEX
from fedgate.session.templates import Literal, mask
from fedgate.sql.parse import parse
from tests.system.gateway import Metadata
from tests.system.twin import DOCUMENTS


@pytest.fixture(scope="module")
def metadata() -> Iterator[Metadata]:
    found = Metadata(DOCUMENTS)
    yield found
    found.close()


def masked(text: str) -> tuple[str, list[str]]:
    found = mask(parse(text)[0])
    assert found is not None
    return found.text, [literal.written for literal in found.literals]


def test_what_is_a_literal() -> None:
    text = "SELECT a1, \"it's 5\", 'it''s', E'x\\'7', 12, 1.5, x'1f' -- don't 8\nFROM t WHERE b = $1 AND c = 3"
    assert masked(text) == (
        "SELECT a1, \"it's 5\", \0s, E'x\\'7', \0n, 1.5, x'1f' -- don't 8\nFROM t WHERE b = $1 AND c = \0n",
        ["'it''s'", "12", "3"],
    )


@pytest.mark.parametrize("text", ["SELECT $$a$$", "SELECT 1 /* 'a' */", "SELECT 'x' -- " + "y" * 9000])
def test_what_is_not_looked_into(text: str) -> None:
    assert mask(parse(text)[0]) is None


@pytest.mark.parametrize(
    ("written", "name", "oid", "value"),
    [
        ("'abc'", "lit0", 25, "abc"),
        ("'a''b'", "lit0", 19, "a'b"),
        ("'" + "n" * 64 + "'", "lit0", 19, None),
        ("'1924818857'", "lit0", 26, 1924818857),
        ("'4294967296'", "lit0", 26, None),
        ("2147483648", "lit0", 23, None),
        ("'readings'", "lit0", 2205, None),
        ("' 7'", "lit0", 23, None),
        ("7", "lit0", 25, None),
        ("'^(abc)$'", f"{REGEX}0", 25, "abc"),
        ("'^(a.c)$'", f"{REGEX}0", 25, None),
        ("'abc'", f"{LIKE}0", 25, "abc"),
        ("'a_c'", f"{LIKE}0", 25, None),
        ("'2024-01-01'", "lit0", 1082, None),
    ],
)
def test_how_a_literal_is_read(written: str, name: str, oid: int, value: object) -> None:
    assert Literal(0, written).read(name, oid) == value


_FAMILIES = (
    (
        "SELECT attname FROM pg_attribute WHERE attrelid = '{}'::regclass AND attnum = {} -- {}",
        [("flights", 1, 0), ("readings", 2, 0)],
    ),
    ("SELECT relkind FROM pg_class WHERE relname = '{}' AND relnatts > {}", [("flights", 3), ("loose", 1), ("loose", 9)]),
    ("SELECT relname FROM pg_class WHERE relname ~ '{}' ORDER BY 1", [("^(daily)$",), ("^(loose)$",), ("^f",), ("^(l.*)$",)]),
    ("SELECT relname FROM pg_class WHERE relname LIKE '{}' ORDER BY 1", [("daily",), ("loose",), ("lo%",), ("loos_",)]),
    ("SELECT '{}', relname FROM pg_class WHERE relname = '{}'", [("a", "flights"), ("b", "flights"), ("b", "loose")]),
    ("SELECT pg_get_userbyid({})", [(10,), (11,)]),
    ("SELECT typname FROM pg_type WHERE oid = {} AND typname <> '{}'", [(23, "x"), (25, "text"), (25, "x")]),
    ("SELECT obj_description({}, 'pg_type')", [(23,), (25,)]),
    ("SELECT count(*) FROM pg_type WHERE typlen = -{}", [(1,), (2,)]),
    ("SELECT nspname FROM pg_namespace WHERE oid = '{}' OR nspname = '{}'", [("11", "public"), ("2200", "plant"), ("11", "plant")]),
)


@pytest.mark.parametrize(("form", "values"), _FAMILIES)
def test_one_of_a_family_answers_as_it_does_alone(form: str, values: list[tuple[object, ...]], metadata: Metadata) -> None:
    for given in values:
        statement = form.format(*given)
        with closing(Metadata(DOCUMENTS)) as alone:
            assert metadata.ask(statement).rows == alone.ask(statement).rows, statement


def test_a_family_is_bound_once(metadata: Metadata, monkeypatch: pytest.MonkeyPatch) -> None:
    from fedgate.session import engine

    metadata.ask("SELECT relname, relkind FROM pg_class WHERE relname = 'flights'")

    def bind(*args: object) -> None:
        raise AssertionError("bound anew")

    monkeypatch.setattr(engine, "bind", bind)
    assert metadata.ask("SELECT relname, relkind FROM pg_class WHERE relname = 'daily'").rows == [("daily", "v")]
