"""The quick look at long texts never calls shallow what the tokens say is deep, and long lists need no other."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from fedgate.errors import SqlError
from fedgate.sql import shallow
from fedgate.sql.parse import _depth

TOKENS = (
    "select", "1", "1e5", "123abc", "a.b", "(", ")", ",", ";", "'x'", "'a''b'", '"q"', "+", "::", "[", "]", " ", "\n",
    "case when x then y end", "not", "E'x'", "U&'x'", "é", "1.5", "$1", "$$(($$", "--c\n", "/* ( */", "\\", "'(", "E'\\''",
)  # fmt: skip


@dataclass(frozen=True)
class Limit:
    STATEMENT_DEPTH_MAX: int


def texts() -> list[str]:
    soup = random.Random(7)
    made = ["".join(soup.choice(TOKENS) + soup.choice(("", " ")) for _ in range(soup.randrange(1, 60))) for _ in range(3000)]
    files = sorted((Path(__file__).parents[1] / "traps").glob("*.sql"))
    return made + [statement for file in files for statement in file.read_text(encoding="utf-8").split("\n\n")]


@pytest.mark.parametrize("limit", [2, 5, 9, 17, 40])
def test_what_is_shallow_is_within_the_limit(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(shallow, "limits", Limit(limit))
    told = 0
    for text in texts():
        if shallow.is_shallow(text.encode()):
            try:
                assert _depth(text) <= limit, text
            except SqlError:  # the tokenizer reads it no further
                continue
            told += 1
    assert told > 10


def test_long_lists_and_semicolons_are_shallow() -> None:
    assert shallow.is_shallow(("values " + ", ".join(f"({i}, 'it''s (', \"q\", {i}.5)" for i in range(5000))).encode())
    assert shallow.is_shallow(b"select 1" + b";" * 100_000)
    assert shallow.is_shallow(b"select 1 in (" + b"1," * 50_000 + b"1)")


def test_long_chains_are_not() -> None:
    assert not shallow.is_shallow(b"select " + b"1+" * 5000 + b"1")
    assert not shallow.is_shallow(b"select " + b"(" * 5000 + b"1" + b")" * 5000)
    assert not shallow.is_shallow(b"select '\\' (" + b"1," * 50 + b"1)")
