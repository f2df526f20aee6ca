"""Random window functions over a scope, with every kind of frame, and ordered so that their answers are not left open."""

from __future__ import annotations

import random

from tests.oracle.expressions import KEYS, SPELLED_APART, Expr, expression

# Functions whose answers are the same for all peers, so that any order will do: template, argument's type, result's type.
OF_PEERS: tuple[tuple[str, str, str], ...] = (
    ("rank()", "", "int8"),
    ("dense_rank()", "", "int8"),
    ("percent_rank()", "", "float8"),
    ("cume_dist()", "", "float8"),
)
# Those that tell one row from the next.
OF_ROWS: tuple[tuple[str, str, str], ...] = (
    ("row_number()", "", "int8"),
    ("ntile(3)", "", "int4"),
    ("lag({0})", "same", ""),
    ("lag({0}, 2, {1})", "same", ""),
    ("lead({0})", "same", ""),
    ("lead({0}, 3)", "same", ""),
)
# Those that look at a frame.
OF_FRAMES: tuple[tuple[str, str, str], ...] = (
    ("count(*)", "", "int8"),
    ("count({0})", "text", "int8"),
    ("sum({0})", "int4", "int8"),
    ("sum({0})", "int8", "numeric"),
    ("sum({0})", "numeric", "numeric"),
    ("avg({0})", "int4", "numeric"),
    ("max({0})", "float8", "float8"),
    ("min({0})", "timestamptz", "timestamptz"),
    ("max({0})", "text", "text"),
    ("bool_or({0})", "bool", "bool"),
    ("first_value({0})", "same", ""),
    ("last_value({0})", "same", ""),
    ("nth_value({0}, 2)", "same", ""),
)
PICKS = ("first_value", "last_value", "nth_value")
"""They see the order of peers, which a frame of RANGE or GROUPS leaves open, and so does EXCLUDE."""
STARTS = ("unbounded preceding", "2 preceding", "1 preceding", "current row", "1 following")
ENDS = ("1 preceding", "current row", "1 following", "2 following", "unbounded following")
EXCLUSIONS = ("", "", "", " exclude current row", " exclude group", " exclude ties", " exclude no others")
DISTANCES = {
    "int2": ("2", "10"),
    "int4": ("1", "3"),
    "int8": ("1", "1000"),
    "numeric": ("0.5", "10"),
    "float8": ("0.25", "8"),
    "date": ("'1 day'", "'1 mon'"),
    "timestamp": ("'30 min'", "'1 day'"),
    "timestamptz": ("'1 hour'", "'1 day'"),
}
"""RANGE's distances by the type of the key."""


def window(dice: random.Random, scope: list[Expr]) -> Expr:
    """A window function over the scope's rows."""
    keys = [c for c in scope if c.type in KEYS and c.type not in SPELLED_APART] or scope
    ordered = [c for c in keys if c.type in DISTANCES] or keys
    key = dice.choice(ordered)
    partition = [dice.choice(keys)] if dice.random() < 0.6 else []
    kind = dice.choice(("peers", "rows", "frame", "frame"))
    template, argument, result = dice.choice({"peers": OF_PEERS, "rows": OF_ROWS, "frame": OF_FRAMES}[kind])
    total = kind == "rows" or (kind == "frame" and dice.random() < 0.5) or template.startswith(PICKS)
    frame = _frame(dice, key.type, total, template.startswith(PICKS)) if kind == "frame" else ""
    value = dice.choice(keys)
    result = result or value.type
    call: list[str | Expr] = []
    for at, part in enumerate(template.replace("{1}", "{0}").split("{0}")):
        if at:
            call.append(value if argument == "same" else expression(dice, scope, argument, 1))
        call.append(part)
    over: list[str | Expr] = [" over ("]
    if partition:
        over += ["partition by ", partition[0], " "]
    over += ["order by ", key, dice.choice(("", "", " desc", " nulls first", " desc nulls last"))]
    # A range's distance has one key; else rows that are alike in every column are alike in every answer.
    for other in scope if total and not frame.startswith(" range between '") else ():
        over += [", ", other]
    return Expr(result, (*call, *over, frame, ")"))


def _frame(dice: random.Random, key: str, total: bool, picks: bool) -> str:
    """A frame's text; RANGE with distances only where the order has one key."""
    if dice.random() < 0.2:
        return ""
    mode = "rows" if total else dice.choice(("range", "groups"))
    if mode == "range":
        far, near = DISTANCES.get(key, ("", ""))
        bounds = ["unbounded preceding", "current row", "unbounded following"]
        if far:
            bounds[1:1] = [f"{near} preceding", f"{far} preceding"]
            bounds[-1:-1] = [f"{far} following", f"{near} following"]
        starts, ends = bounds[:-1], bounds[1:]
    else:
        starts, ends = list(STARTS), list(ENDS)
    start = dice.choice(starts)
    after = [end for end in ends if _place(end) >= _place(start)]
    return f" {mode} between {start} and {dice.choice(after)}{dice.choice(EXCLUSIONS) if not picks else ''}"


def _place(bound: str) -> int:
    """PostgreSQL refuses frames that end, by their words, before they start."""
    words = bound.split()
    if words[0] == "unbounded":
        return -2 if words[1] == "preceding" else 2
    return 0 if bound == "current row" else -1 if words[-1] == "preceding" else 1
