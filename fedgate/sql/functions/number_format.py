"""to_char of numbers: PostgreSQL's numeric templates (NUM_processor of src/backend/utils/adt/formatting.c), without locale
symbols.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from fedgate.errors import SqlError, unsupported
from fedgate.sql.numeric import rules

_ITEM = re.compile(r'"([^"]*)"?|(FM|fm|EEEE|eeee|MI|mi|PL|pl|PR|pr|RN|rn|SG|sg|TH|th|[09.,DGLSVdglsv])|(.)', re.DOTALL)
_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


@dataclass(slots=True)
class Picture:
    """A parsed template: `items` in order; digit counts before and after the point; where the first 0 stands."""

    items: list[tuple[str, str]] = field(default_factory=list)
    pre: int = 0
    post: int = 0
    fill: bool = False
    flags: set[str] = field(default_factory=set)
    zero_from: int | None = None
    last_post_zero: int = 0
    multiplier: int = 0
    sign_first: bool = True


@lru_cache(maxsize=256)
def picture(template: str) -> Picture:
    p = Picture()
    point = False
    for m in _ITEM.finditer(template):
        if m[1] is not None or m[3]:
            p.items.append(("text", m[1] if m[1] is not None else m[3]))
            continue
        word = m[2].upper()
        kind = {"D": ".", "G": ","}.get(word, word)
        if kind == "FM":
            p.fill = True
            continue
        if kind in ("0", "9"):
            _digit(p, kind, point)
        elif kind == ".":
            if point:
                raise SqlError("42601", "multiple decimal points")
            point = True
        elif kind == "V":
            raise unsupported("the template pattern V of to_char()")
        elif kind == "L":
            kind, m2 = "text", " "
            p.items.append((kind, m2))
            continue
        else:
            p.flags.add(kind)
            if kind == "S" and not p.pre and not p.post:
                p.flags.add("S first")
        p.items.append((kind, m[2]))
    return p


def _digit(p: Picture, kind: str, point: bool) -> None:
    if point:
        p.post += 1
        if kind == "0":
            p.last_post_zero = p.post
    else:
        if kind == "0" and p.zero_from is None:
            p.zero_from = p.pre
        p.pre += 1


def roman(n: int, fill: bool, lower: bool) -> str:
    """RN: 15 wide unless FM."""
    if not 0 < n < 4000:
        return "#" * 15
    out = ""
    for value, letters in _ROMAN:
        out += letters * (n // value)
        n %= value
    out = out.lower() if lower else out
    return out if fill else out.rjust(15)


def format_number(value: Decimal, template: str, *, significant: int | None = None) -> str:
    """to_char(value, template). `significant`: digits that a float has; later ones are zeros."""
    p = picture(template)
    if "RN" in p.flags:
        if not value.is_finite():
            return "#" * 15
        return roman(int(rules.rescale(value, 0)), p.fill, "rn" in template)
    if "EEEE" in p.flags:
        return _exponent(value, p)
    if not value.is_finite():
        raise unsupported("to_char() of NaN and infinity with a digit template")
    post = p.post
    if significant is not None:
        post = max(0, min(post, significant - max(value.adjusted() + 1, 1))) if value else post
    rounded = rules.rescale(value, post)
    negative = rounded < 0 or (value < 0 and rounded != 0)
    text = format(abs(rounded), "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.ljust(p.post, "0") if significant is None else fraction
    return _filled(p, whole, fraction, negative)


def _exponent(value: Decimal, p: Picture) -> str:
    if not value.is_finite():
        return ("#" * (p.pre + p.post + 1 + 6)) if not p.fill else "#" * (p.pre + p.post + 6)
    text = f"{abs(value):.{p.post}e}" if value else f"{0:.{p.post}e}"
    mantissa, _, exponent = text.partition("e")
    sign = "-" if value < 0 else "" if p.fill else " "
    return f"{sign}{mantissa}e{'-' if exponent.startswith('-') else '+'}{abs(int(exponent)):02}"


def _filled(p: Picture, whole: str, fraction: str, negative: bool) -> str:
    if whole == "0" and p.pre and not (p.zero_from is not None and p.zero_from < p.pre):
        # FM leaves at least one digit: 0 by FM999.99 is "0.".
        shown = "0" if not p.post or (p.fill and not _kept_fraction(p, fraction)) else ""
    else:
        shown = whole
    if whole == "0" and not p.pre:
        shown = ""
    overflow = len(shown) > p.pre
    zero_width = p.pre - p.zero_from if p.zero_from is not None else 0
    shown = shown.rjust(zero_width, "0") if not overflow else shown
    digits = list(shown.rjust(p.pre)) if not overflow else ["#"] * p.pre
    if overflow:
        fraction = "#" * p.post
    return _assemble(p, digits, fraction, negative)


def _assemble(p: Picture, digits: list[str], fraction: str, negative: bool) -> str:
    explicit = p.flags & {"S", "MI", "PL", "PR", "SG"}
    out: list[str] = []
    pending = not explicit or "PR" in p.flags or "S first" in p.flags
    mark = (
        ("-" if negative else "") if not explicit else ("-" if negative else "+") if "S" in p.flags else ("<" if negative else "")
    )
    if pending and p.fill and not mark:
        pending = False
    place = post = 0
    keep = _kept_fraction(p, fraction)

    def put_sign() -> None:
        nonlocal pending
        if pending:
            out.append(mark or " ")
            pending = False

    for kind, text in p.items:
        if kind in ("0", "9") and place < p.pre:
            c = digits[place]
            place += 1
            if c == " ":
                if not p.fill:
                    out.append(" ")
            else:
                put_sign()
                out.append(c)
        elif kind in ("0", "9"):
            put_sign()
            if post < len(keep):
                out.append(keep[post])
            post += 1
        elif kind == ".":
            put_sign()
            out.append(".")
        elif kind == ",":
            started = any(d != " " for d in digits[:place])
            if started:
                out.append(",")
            elif not p.fill:
                out.append(" ")
        elif kind == "S":
            if "S first" not in p.flags:
                out.append("-" if negative else "+")
        elif kind == "SG":
            out.append("-" if negative else "+")
        elif kind == "MI":
            out.append("-" if negative else "" if p.fill else " ")
        elif kind == "PL":
            out.append("+" if not negative else "" if p.fill else " ")
        elif kind == "PR":
            put_sign()
            out.append(">" if negative else "" if p.fill else " ")
        elif kind == "TH":
            out.append(_ordinal("".join(digits).strip(), text) if not negative else "")
        elif kind == "text":
            out.append(text)
    return "".join(out)


def _kept_fraction(p: Picture, fraction: str) -> str:
    """With FM trailing zeros go, down to the last 0 of the template."""
    if not p.fill:
        return fraction
    kept = fraction
    while len(kept) > p.last_post_zero and kept.endswith("0"):
        kept = kept[:-1]
    return kept


def _ordinal(digits: str, case: str) -> str:
    if not digits.isdigit():
        return ""
    n = int(digits)
    text = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return text.upper() if case.isupper() else text
