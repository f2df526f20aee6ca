"""Random things that stand in FROM and are no table of the schema: lists of values, series, recursive queries."""

from __future__ import annotations

import random

from tests.oracle.expressions import LITERALS, Expr, column, expression, literal

STEPS = ("int4", "int8", "numeric", "text", "date", "timestamptz", "timestamp", "bool")
"""Types that stay themselves from one step of a recursion to the next."""
Columns = tuple[tuple[str, str], ...]


def values(dice: random.Random) -> tuple[str, Columns]:
    """A list of rows with NULLs among them; its text and its columns."""
    kinds = dice.sample(tuple(LITERALS), dice.randint(1, 3))
    rows = ", ".join(
        "(" + ", ".join(f"null::{kind}" if dice.random() < 0.15 else literal(kind, dice).sql() for kind in kinds) + ")"
        for _ in range(dice.randint(1, 4))
    )
    columns = tuple((f"v{i}", kind) for i, kind in enumerate(kinds))
    return f"(select * from (values {rows}) v({', '.join(name for name, _ in columns)}))", columns


def series(dice: random.Random) -> tuple[str, Columns]:
    """Numbers, days or local hours over a change of the clocks."""
    text, kind = dice.choice(
        (
            ("generate_series(-2, 9, 3)", "int4"),
            ("generate_series(5, 1, -2)", "int4"),
            ("generate_series(1::int8, 4::int8)", "int8"),
            ("generate_series(0.5, 2.0, 0.5)", "numeric"),
            ("generate_series(timestamp '2024-03-30', timestamp '2024-04-01', interval '6 hours')", "timestamp"),
            ("generate_series(timestamptz '2024-10-26', timestamptz '2024-10-29', interval '1 day')", "timestamptz"),
        )
    )
    return f"(select {text} as v0)", (("v0", kind),)


def recursive(dice: random.Random) -> tuple[str, Columns]:
    """A counter and a value that a random expression makes anew at every step."""
    kind = dice.choice(STEPS)
    step = expression(dice, [column("r", "v", kind), column("r", "n", "int4")], kind, 2)
    union = dice.choice(("union all", "union"))
    columns = (("n", "int4"), ("v", kind))
    first, again = f"select 1 as n, {_of(kind, literal(kind, dice))} as v", f"select r.n + 1, {_of(kind, step)} from r"
    return f"(with recursive r as ({first} {union} {again} where r.n < {dice.randint(1, 5)}) select n, v from r)", columns


def _of(kind: str, value: Expr) -> str:
    """Without a modifier, which a recursion compares."""
    return f"({value.sql()})::{kind}"
