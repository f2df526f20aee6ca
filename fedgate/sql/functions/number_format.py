"""to_char of numbers by a template, without locale symbols (C: point, comma, no currency).

Digits are written place by place: leading places are blank until the number, or the first 0 of the template, begins.
Source: https://www.postgresql.org/docs/15/functions-formatting.html and the rules of formatting.c.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from fedgate.errors import SqlError
from fedgate.sql.functions.number_template import Picture, picture
from fedgate.sql.numeric import rules

_ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"),
    (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_ROMAN_WIDTH: Final = 15


def roman(n: int) -> str:
    """The roman numeral of 1 to 3999, else a row of #."""
    if not 0 < n < 4000:
        return "#" * _ROMAN_WIDTH
    out = ""
    for value, letters in _ROMAN:
        out += letters * (n // value)
        n %= value
    return out


def format_number(value: Decimal, template: str) -> str:
    """to_char(value, template) of a numeric or an integer."""
    p = picture(template)
    if p.has("RN"):
        return _as_roman(_roman_of(value), p)
    if p.has("EEEE"):
        return _exponent(value, p)
    if p.multi and value.is_finite():
        value = rules.multiply(value, Decimal(10) ** p.multi)  # like 10^n of numerics, it has no digits to add
    return _placed(p, rules.write(rules.rescale(value, p.post)), p.post)


def format_float(value: float, template: str, *, significant: int) -> str:
    """to_char of a float, which is written as C's printf does: from its binary value, halves to even, zeros with their sign.

    `significant`: the digits that the type has, 15 or 6; no more are shown.
    """
    p = picture(template)
    if p.has("RN"):
        whole = round(value) if math.isfinite(value) else 0
        return _as_roman(whole if abs(whole) < 2**31 else 0, p)
    if p.has("EEEE"):
        if not math.isfinite(value):
            return _no_exponent(p)
        return f"{value:+.{p.post}e}".replace("+", " ", 1) if math.copysign(1, value) > 0 else f"{value:.{p.post}e}"
    if p.multi:
        value *= 10.0**p.multi
        value = ctypes.c_float(value).value if significant < 15 else value
    whole = len(_fixed(abs(value), 0))
    post = 0 if whole >= significant else min(p.post, significant - whole)
    return _placed(p, _fixed(value, post), post)


def _fixed(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else rules.write(Decimal(value))


def _placed(p: Picture, text: str, post: int) -> str:
    """A number written out with `post` digits behind the point, in the places of the template."""
    pre = p.pre + p.multi
    sign = "-" if text.startswith("-") else "+"
    text = text.lstrip("-")
    whole = len(text.partition(".")[0])
    if whole > pre:
        text, spaces = "#" * pre + "." + "#" * post, 0
    else:
        spaces = pre - whole
    return _Writer(p, text, sign, pre, post, spaces).written()


def _roman_of(value: Decimal) -> int:
    if not value.is_finite():
        raise SqlError("0A000", f"cannot convert {rules.write(value)} to integer")
    whole = int(rules.rescale(value, 0))
    if not -(2**31) <= whole < 2**31:
        raise SqlError("22003", "integer out of range")
    return whole


def _as_roman(value: int, p: Picture) -> str:
    numeral = roman(value)
    out = []
    for kind, word in p.items:
        if kind == "RN":
            cased = numeral.lower() if word == "rn" else numeral
            out.append(cased if p.has("FM") else cased.rjust(_ROMAN_WIDTH))
        elif kind == "text":
            out.append(word)
        elif kind in (",", "G"):
            out.append("" if p.has("FM") else " ")
        elif kind == "L" or (kind in ("MI", "PL") and not p.has("FM")):
            out.append(" ")
        elif kind == "SG":
            break  # a roman number has no sign: PostgreSQL writes the byte that ends the text
    return "".join(out)


def _no_exponent(p: Picture) -> str:
    """What NaN and infinities have in place of a mantissa and its exponent."""
    body = ["#"] * (p.pre + p.post + 6)
    body[0], body[p.pre + 1] = " ", "."
    return "".join(body)


def _exponent(value: Decimal, p: Picture) -> str:
    if not value.is_finite():
        return _no_exponent(p)
    if not value:
        return f" {0:.{p.post}e}"
    # The power of ten is settled before the digits are rounded: 999.9 by 9EEEE is 10e+02.
    exponent = value.adjusted()
    mantissa = format(rules.rescale(value.copy_abs().scaleb(-exponent, rules.CONTEXT), p.post), "f")
    return f"{'-' if value < 0 else ' '}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


@dataclass(slots=True)
class _Writer:
    """One number on its way out. `number` has no sign; `spaces` places before its first digit are empty; `at` is the next digit.

    `last` is the index of the last digit that FM keeps (None: all of them).
    """

    p: Picture
    number: str
    sign: str
    pre: int
    post: int
    spaces: int
    out: list[str] = field(default_factory=list)
    at: int = 0
    place: int = 0
    inside: bool = False
    signed: bool = False
    bracket: bool = False
    sign_side: str = ""
    count: int = 0
    last: int | None = None
    ended: bool = False

    def written(self) -> str:
        self._prepare()
        for kind, word in self.p.items:
            if self.ended:
                break
            if kind in ("0", "9", "."):
                self._digit(kind)
            else:
                self._other(kind, word)
        return "".join(self.out)

    def _prepare(self) -> None:
        p, fill = self.p, self.p.has("FM")
        self.bracket, self.sign_side = p.has("PR"), p.sign
        if p.has("PLUS", "MINUS"):
            self.signed = p.has("MINUS")
        else:
            if self.sign != "-" and fill:
                self.bracket = False
            self.signed = self.sign == "+" and fill and not p.has("S")
            if p.sign == "pre" and p.sign_at == self.pre - p.multi and p.sign_at == self.pre:
                self.sign_side = "post"
        self.count = self.post + self.pre - 1
        if fill and p.has("."):
            self._keep_relevant()
        if not self.signed and not self.spaces:
            self.count += 1

    def _keep_relevant(self) -> None:
        point = self.number.find(".")
        if point < 0:
            return
        last = point
        for i in range(point + 1, len(self.number)):
            if self.number[i] != "0":
                last = i
        if self.p.zero_end > self.spaces:
            last = max(last, min(len(self.number) - 1, self.p.zero_end - self.spaces))
        self.last = last

    @property
    def _zero_start(self) -> int:
        return self.p.zero_start - 1

    @property
    def _keeps_point_only(self) -> bool:
        return self.last is not None and self.number[self.last] == "."

    @property
    def _hidden_zero(self) -> bool:
        """Whether the next digit is the lone 0 before the point, which 9 does not show."""
        return not self.p.has("0") and self.at == 0 and self.number.startswith("0") and self.post != 0

    def _write_sign(self) -> None:
        p = self.p
        if p.has("S"):
            if self.sign_side != "pre":
                return
            self.out.append(self.sign)
        elif self.bracket:
            self.out.append(" " if self.sign == "+" else "<")
        elif self.sign == "+":
            self.out.append("" if p.has("FM") else " ")
        else:
            self.out.append("-")
        self.signed = True

    def _digit(self, kind: str) -> None:
        p, fill = self.p, self.p.has("FM")
        self.inside = False
        begun = self.place >= self.spaces or (p.has("0") and self._zero_start == self.place)
        if not self.signed and begun and (not self._hidden_zero or self._keeps_point_only):
            self._write_sign()
        if self.place < self.spaces and (self._zero_start > self.place or not p.has("0")):
            self.out.append("" if fill else " ")
        elif p.has("0") and self.place < self.spaces:
            self.out.append("0")
            self.inside = True
        else:
            self._own_digit(kind)
        if self.ended:
            return
        end = self.count + (1 if self.spaces else 0) + (1 if p.has(".") else 0)
        if self.last is not None and self.last == self.at:
            end = self.place
        if self.place + 1 == end:
            if self.signed and self.bracket:
                self.out.append(" " if self.sign == "+" else ">")
            elif p.has("S") and self.sign_side == "post":
                self.out.append(self.sign)
        self.place += 1

    def _own_digit(self, kind: str) -> None:
        fill = self.p.has("FM")
        c = self.number[self.at : self.at + 1]
        if c == ".":
            if self.last is None or self.number[self.last] != "." or fill:
                self.out.append(".")
        elif self.last is not None and self.at > self.last and kind != "0":
            pass
        elif self._hidden_zero:
            if not fill:
                self.out.append(" ")
            elif self._keeps_point_only:
                self.out.append("0")
        else:
            self.out.append(c)
            self.inside = True
            self.ended = not c  # behind the last digit PostgreSQL writes the byte that ends the text
        if c:
            self.at += 1

    def _other(self, kind: str, word: str) -> None:
        fill, negative = self.p.has("FM"), self.sign == "-"
        match kind:
            case "text":
                self.out.append(word)
            case "," | "G":
                self.out.append("," if self.inside else "" if fill else " ")
            case "L":
                self.out.append(" ")
            case "MI":
                self.out.append("-" if negative else "" if fill else " ")
            case "PL":
                self.out.append("+" if not negative else "" if fill else " ")
            case "SG":
                self.out.append(self.sign)
            case "TH":
                if not negative and not self.p.has(".") and not self.number.startswith("#"):
                    self.out.append(_ordinal(self.number, word))


def _ordinal(digits: str, case: str) -> str:
    if not digits.isdigit():
        raise SqlError("22P02", f'"{digits}" is not a number')
    n = int(digits)
    text = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return text.upper() if case.isupper() else text
