"""to_number: a text read by a number template, character by character as PostgreSQL's formatting.c does.

Source: https://www.postgresql.org/docs/15/functions-formatting.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from fedgate.errors import SqlError
from fedgate.sql.functions.number_template import Picture, picture
from fedgate.sql.numeric import rules

_DATA: Final = frozenset("0123456789.,+-")


def number_of(text: str, template: str) -> str | None:
    """to_number(text, template) as a numeric's text. Raises SqlError 22P02, 22003, 42601, 0A000."""
    if not template:
        return None
    p = picture(template)
    if p.has("RN"):
        raise SqlError("0A000", '"RN" not supported for input')
    if p.has("EEEE"):
        raise SqlError("0A000", '"EEEE" not supported for input')
    reader = _Reader(p, text.encode().decode("latin-1"))
    body = reader.run()
    scale = reader.after
    if not body.strip() or not any(c.isdigit() for c in body):
        raise SqlError("22P02", f'invalid input syntax for type numeric: "{body}"')
    value = rules.to_precision(rules.read(body.strip()), p.pre + p.multi + scale, scale)
    if p.has("V"):
        value = rules.multiply(value, Decimal((0, (1,), -p.multi)))
        value = rules.rescale(value, max(rules.scale(value), 16))
    return rules.write(value)


@dataclass(slots=True)
class _Reader:
    """`text` has a character a byte: patterns take bytes, other texts of the template whole characters.

    `sign` is the number's sign or a space, `digits` what was read of it, `before` and `after` the digits on each side.
    """

    p: Picture
    text: str
    at: int = 0
    sign: str = " "
    digits: list[str] = field(default_factory=list)
    before: int = 0
    after: int = 0
    pointed: bool = False

    def ended(self) -> bool:
        return self.at >= len(self.text)

    @property
    def here(self) -> str:
        return self.text[self.at : self.at + 1]

    def run(self) -> str:
        for kind, word in self.p.items:
            if self.ended():
                break
            if kind == "text":
                for _ in word:
                    self._character()
            elif self._pattern(kind):
                self.at += 1
        body = "".join(self.digits)
        return self.sign + (body[:-1] if body.endswith(".") else body)

    def _skip(self, count: int) -> None:
        while count > 0 and not self.ended() and self.here not in _DATA:
            self._character()
            count -= 1

    def _character(self) -> None:
        first = ord(self.here or "0")
        self.at += 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4

    def _pattern(self, kind: str) -> bool:
        """Reads what a pattern takes; whether it took the character where it stands now."""
        match kind:
            case "0" | "9" | ".":
                self._digit(kind)
                return True
            case "," | "G":
                return self.here == "," and not self.p.has("FM")
            case "L":
                self._skip(1)
                return False
            case "TH":
                if not self.p.has("."):
                    self._skip(2)
                return False
            case "MI" | "PL" | "SG":
                if self.here and self.here in {"MI": "-", "PL": "+", "SG": "+-"}[kind]:
                    self.sign = self.here
                    return True
                self._skip(1)
                return False
        return False

    def _digit(self, kind: str) -> None:
        if self.here == " ":
            self.at += 1
        if self.ended():
            return
        if self.sign == " " and kind != "." and not self.before + self.after:
            self._leading_sign()
        if self.ended():
            return
        read = False
        if self.here.isascii() and self.here.isdigit():
            if self.pointed and self.after == self.p.post:
                return
            self.digits.append(self.here)
            self.after, self.before = (self.after + 1, self.before) if self.pointed else (self.after, self.before + 1)
            read = True
        elif self.p.has(".") and not self.pointed and self.here == ".":
            self.digits.append(".")
            self.pointed = read = True
        if self.sign == " " and self.before + self.after:
            self._trailing_sign(read)

    def _leading_sign(self) -> None:
        if self.p.has("S") and self.p.sign == "pre":
            if self.here in "+-":
                self.sign = self.here
                self.at += 1
        elif self.here in "+-" or (self.p.has("PR") and self.here == "<"):
            self.sign = "+" if self.here == "+" else "-"
            self.at += 1

    def _trailing_sign(self, read: bool) -> None:
        """S is right behind the last digit; MI, PL and SG may come while digits are still looked for."""
        if self.p.has("S"):
            following = self.text[self.at + 1 : self.at + 2]
            if read and following and following in "+-":
                self.sign = following
                self.at += 1
        elif not read and self.p.has("PLUS", "MINUS") and self.here in "+-":
            self.sign = self.here
