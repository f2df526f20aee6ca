"""Random regular expressions match what PostgreSQL 15 matches, or are refused; most are not refused."""

from __future__ import annotations

import random

import psycopg
import pytest

from fedgate.errors import SqlError
from fedgate.sql.functions import regex_calls as regex

_QUERY = (
    "select regexp_match(%(t)s, %(p)s), regexp_replace(%(t)s, %(p)s, '<\\&>', 'g'), regexp_split_to_array(%(t)s, %(p)s),"
    " substring(%(t)s from %(p)s)"
)


class _Patterns:
    """Patterns over three letters, with every kind of part whose preference matters."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def atom(self, depth: int) -> str:
        if depth and self.dice.random() < 0.25:
            return f"({self.dice.choice(['?:', ''])}{self.alternatives(depth - 1)})"
        return self.dice.choice(["a", "b", "c", ".", "[ab]", "[^a]", "ab", "\\w", "\\x0061", "\\142"])

    def sequence(self, depth: int) -> str:
        count = self.dice.randint(1, 3)
        repeats = ["", "", "", "", "*", "+", "?", "{1,2}", "*?", "+?", "??", "{1,1}", "{1,1}?", "{2,2}?"]
        return "".join(self.atom(depth) + self.dice.choice(repeats) for _ in range(count))

    def alternatives(self, depth: int) -> str:
        return "|".join(self.sequence(depth) for _ in range(1 if self.dice.random() < 0.7 else 2))

    def pattern(self) -> str:
        return self.dice.choice(["", "", "", "", "^"]) + self.alternatives(2) + self.dice.choice(["", "", "", "$"])

    def text(self) -> str:
        return "".join(self.dice.choice("abc") for _ in range(self.dice.randint(0, 8)))


def _ours(text: str, pattern: str) -> tuple[object, ...]:
    calls = (
        lambda: regex.regexp_match(text, pattern, ""),
        lambda: regex.regexp_replace(text, pattern, "<\\&>", "g"),
        lambda: regex.regexp_split(text, pattern, ""),
        lambda: regex.regexp_substr(text, pattern),
    )
    found: list[object] = []
    for call in calls:
        try:
            found.append(call())
        except SqlError as error:
            if error.sqlstate != "0A000":
                raise AssertionError(f"{pattern}: {error!r}") from error
            found.append(error)
    return tuple(found)


def test_random_patterns_match_the_same_or_are_refused(trap_dsn: str) -> None:
    made = _Patterns(7)
    wrong, answered, asked = [], 0, 0
    with psycopg.connect(trap_dsn, autocommit=True) as connection:
        for _ in range(600):
            pattern, text = made.pattern(), made.text()
            try:
                wanted = connection.execute(_QUERY, {"t": text, "p": pattern}).fetchone()
            except psycopg.errors.InvalidRegularExpression:
                continue
            assert wanted is not None
            for want, have in zip(wanted, _ours(text, pattern), strict=True):
                asked += 1
                answered += not isinstance(have, SqlError)
                if not isinstance(have, SqlError) and want != have:
                    wrong.append(f"{pattern!r} on {text!r}: want {want}, have {have}")
    assert not wrong, "\n".join(wrong)
    assert answered > 0.6 * asked > 900


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^(p*){1,1}?(.*)$", "ppq"),  # bounds that are equal set a preference
        ("^(p*?){1,1}(.*)$", "ppq"),
        ("$()|^\\1", "p"),  # no group of this alternative
        ("(?i)k", "5 \u212a"),  # the Kelvin sign
        ("(?i)[a-z]", "\u017f"),
        ("(?<=p+)q", "ppq"),
        ("(?b)p\\(q\\)", "pq"),
        ("(?e)p\\d", "p1"),
    ],
)
def test_what_python_would_match_otherwise_is_refused(pattern: str, text: str) -> None:
    with pytest.raises(SqlError) as caught:
        regex.regexp_match(text, pattern, "")
    assert caught.value.sqlstate == "0A000"
