"""Random typed expressions over the function table, run on PostgreSQL 15 and here: `python -m tests.sql.fuzz_expressions --seed N
--count M`.

What differs is shrunk: sub-expressions take the place of the whole, arguments become columns or literals, as long as it still
differs.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.sql.pair import Pair
from tests.sql.signatures import Signature, samples, signatures

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata")
COLUMNS = {25: ("site", "note"), 23: ("device",), 1184: ("ts",), 701: ("temp",), 700: ("hum",), 21: ("status",), 20: ("total",),
1700: ("price",), 16: ("ok",), 1082: ("day",)}  # fmt: skip
ROOTS = (*COLUMNS, 1114, 1186)
# Huge results or work by design, and what test_lower names as known to differ in its errors.
HEAVY = frozenset(
    {
        "make_timestamptz",
        "make_time",
        "make_timestamp",
        "timezone",
        "array_fill",
        "age",
        "width_bucket",
        "date_bin",
        "factorial",
        "lpad",
        "rpad",
        "power",
        "pow",
        "^",
        "exp",
        "to_char",
        "format",
        "<<",
        ">>",
        # What raises other errors than the three whose timing is open, for most random texts.
        "convert_from",
        "float4",
        "int8",
        "int4",
        "int2",
        "acosd",
        "asind",
        "convert",
        "jsonb_object",
        "json_object",
        "is_normalized",
        "normalize",
        "parse_ident",
        "unistr",
        "extract",
        "date_part",
        "to_number",
        "to_timestamp",
        "to_date",
        "#-",
        "jsonb_delete_path",
        "jsonb_insert",
        "jsonb_set_lax",
        "jsonb_set",
        "set_bit",
        "get_bit",
        "set_byte",
        "get_byte",
        "similar_to_escape",
        "substring",
        "regexp_replace",
        "regexp_substr",
        "regexp_instr",
        "convert_to",
        "date_trunc",
        "json_array_length",
        "like_escape",
        "make_date",
        "make_interval",
        "regexp_count",
        "similar_escape",
        "trim_array",
    }
)
# Likewise, of operators and functions with others of the same name.
REFUSING = frozenset({("-", (3802,)), ("length", (17,))})


@dataclass(frozen=True, slots=True)
class Tree:
    """An expression: a leaf's text, or a call of `signature`."""

    type: int
    text: str = ""
    signature: Signature | None = None
    arguments: tuple[Tree, ...] = ()

    @property
    def sql(self) -> str:
        return self.signature.sql(tuple(a.sql for a in self.arguments)) if self.signature else self.text

    def inside(self) -> Iterator[Tree]:
        yield self
        for argument in self.arguments:
            yield from argument.inside()


class Maker:
    """Random trees by result type."""

    def __init__(self, known: list[Signature], dice: random.Random) -> None:
        self.dice = dice
        self.by_result: dict[int, list[Signature]] = {}
        for s in known:
            if s.name not in HEAVY and (s.name, s.arguments[:1]) not in REFUSING:
                self.by_result.setdefault(s.result, []).append(s)

    def leaf(self, oid: int) -> Tree:
        names = COLUMNS.get(oid, ())
        if names and self.dice.random() < 0.6:
            return Tree(oid, self.dice.choice(names))
        # A NULL constant folds what is around it when PostgreSQL plans, before or after an error; columns hold NULLs enough.
        return Tree(oid, self.dice.choice([s for s in samples(oid) if not s.startswith("null::")]))

    def tree(self, oid: int, depth: int) -> Tree:
        choices = self.by_result.get(oid, [])
        if depth == 0 or not choices or self.dice.random() < 0.15:
            return self.leaf(oid)
        signature = self.dice.choice(choices)
        return Tree(oid, "", signature, tuple(self.tree(a, depth - 1) for a in signature.arguments))


def statement(tree: Tree) -> str:
    """Over one row: PostgreSQL raises the first error of the first row, an engine of columns that of the first column."""
    place = sum(tree.sql.encode()) % 100
    return f"select {tree.sql} from (select * from readings order by ts, site limit 1 offset {place}) readings"


def differs(pair: Pair, tree: Tree) -> str | None:
    found = pair.check(statement(tree), open_errors=True)
    return None if found and "have 0A000" in found else found


def shrunk(pair: Pair, tree: Tree) -> Tree:
    """The smallest sub-expression that still differs."""
    while True:
        smaller = next((t for t in tree.inside() if t is not tree and t.signature and differs(pair, t)), None)
        if smaller is None:
            return tree
        tree = smaller


def run(dsn: str, seed: int, count: int) -> tuple[list[str], int]:
    """`count` statements in each of the zones: what differs, shrunk, with its difference; and how many differ by an open error."""
    found, opened = [], 0
    for zone in ZONES:
        pair = Pair(dsn, zone)
        try:
            known = [s for kind in ("function", "operator") for s in signatures(pair.postgres, kind)]
            maker = Maker(known, random.Random(f"{seed}{zone}"))
            for _ in range(count):
                tree = maker.tree(maker.dice.choice(ROOTS), 3)
                pair.opened = 0
                if differs(pair, tree):
                    small = shrunk(pair, tree)
                    found.append(f"{zone}: {statement(small)}\n    {differs(pair, small)}")
                opened += min(pair.opened, 1)
        finally:
            pair.close()
    return found, opened


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=300)
    options.add_argument("--dsn", default=os.environ.get("FEDGATE_TEST_DSN", ""))
    given = options.parse_args()
    found, opened = run(given.dsn, given.seed, given.count)
    print("\n".join(found) or "no difference", f"\n{opened} open errors")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
