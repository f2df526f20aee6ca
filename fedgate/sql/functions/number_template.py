"""Number templates of to_char and to_number: their patterns and what may stand beside what.

Source: https://www.postgresql.org/docs/15/functions-formatting.html#FUNCTIONS-FORMATTING-NUMERIC-TABLE (and formatting.c).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fedgate.cache import of_texts
from fedgate.errors import SqlError

_ITEM: Final = re.compile(
    r'"((?:[^"\\]|\\.)*)"?|(EEEE|eeee|FM|fm|MI|mi|PL|pl|PR|pr|RN|rn|SG|sg|SP|sp|TH|th|[09.,BCDGLSVbcdglsv])|\\(?=")(.)|(.)',
    re.DOTALL,
)


@dataclass(slots=True)
class Picture:
    """A parsed template. `items`: (pattern in upper case or "text", the text). Digits before and after the point, and after V.

    `zero_start`: the place of the first 0 before the point, counted from 1 (0: none); `zero_end`: the last place of a 0.
    `sign`: where S stands, "pre" or "post".
    """

    items: list[tuple[str, str]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    pre: int = 0
    post: int = 0
    multi: int = 0
    zero_start: int = 0
    zero_end: int = 0
    sign: str = ""
    sign_at: int = 0

    def has(self, *names: str) -> bool:
        return not self.flags.isdisjoint(names)


@of_texts(512)
def picture(template: str) -> Picture:
    """The template read. Raises SqlError 42601 for patterns that cannot stand together."""
    p = Picture()
    for quoted, word, escaped, other in (m.groups() for m in _ITEM.finditer(template)):
        if word is None:
            text = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted is not None else escaped or other
            p.items.append(("text", text))
            continue
        kind = {"D": "."}.get(word.upper(), word.upper())
        if "EEEE" in p.flags and kind != "EEEE":
            raise SqlError("42601", '"EEEE" must be the last pattern used')
        if kind in _RULES:
            _RULES[kind](p)
        p.items.append((kind, word))
    return p


def _nine(p: Picture) -> None:
    if p.has("PR"):
        raise SqlError("42601", '"9" must be ahead of "PR"')
    if p.has("V"):
        p.multi += 1
    elif p.has("."):
        p.post += 1
    else:
        p.pre += 1


def _zero(p: Picture) -> None:
    if p.has("PR"):
        raise SqlError("42601", '"0" must be ahead of "PR"')
    if not p.has("0", "."):
        p.flags.add("0")
        p.zero_start = p.pre + 1
    if p.has("."):
        p.post += 1
    else:
        p.pre += 1
    p.zero_end = p.pre + p.post


def _point(p: Picture) -> None:
    if p.has("."):
        raise SqlError("42601", "multiple decimal points")
    if p.has("V"):
        raise SqlError("42601", 'cannot use "V" and decimal point together')
    p.flags.add(".")


def _blank(p: Picture) -> None:
    if not p.pre and not p.post and not p.has("0"):
        p.flags.add("B")


def _sign(p: Picture) -> None:
    if p.has("S"):
        raise SqlError("42601", 'cannot use "S" twice')
    if p.has("PLUS", "MINUS", "PR"):
        raise SqlError("42601", 'cannot use "S" and "PL"/"MI"/"SG"/"PR" together')
    if not p.has("."):
        p.sign, p.sign_at = "pre", p.pre
    else:
        p.sign = "post"
    p.flags.add("S")


def _own_sign(word: str, *flags: str) -> Callable[[Picture], None]:
    def rule(p: Picture) -> None:
        if p.has("S"):
            raise SqlError("42601", f'cannot use "S" and "{word}" together')
        p.flags.update(flags)

    return rule


def _bracket(p: Picture) -> None:
    if p.has("S", "PLUS", "MINUS"):
        raise SqlError("42601", 'cannot use "PR" and "S"/"PL"/"MI"/"SG" together')
    p.flags.add("PR")


def _multiply(p: Picture) -> None:
    if p.has("."):
        raise SqlError("42601", 'cannot use "V" and decimal point together')
    p.flags.add("V")


def _exponent(p: Picture) -> None:
    if p.has("EEEE"):
        raise SqlError("42601", 'cannot use "EEEE" twice')
    if p.has("B", "FM", "S", "PR", "MINUS", "PLUS", "RN", "V"):
        detail = '"EEEE" may only be used together with digit and decimal point patterns.'
        raise SqlError("42601", '"EEEE" is incompatible with other formats', detail=detail)
    p.flags.add("EEEE")


def _flag(name: str) -> Callable[[Picture], None]:
    return lambda p: p.flags.add(name)


_RULES: Final[dict[str, Callable[[Picture], None]]] = {
    "9": _nine,
    "0": _zero,
    ".": _point,
    "B": _blank,
    "FM": _flag("FM"),
    "S": _sign,
    "MI": _own_sign("MI", "MINUS"),
    "PL": _own_sign("PL", "PLUS"),
    "SG": _own_sign("SG", "MINUS", "PLUS"),
    "PR": _bracket,
    "RN": _flag("RN"),
    "V": _multiply,
    "EEEE": _exponent,
}
