"""Splits the text of a date or time into fields, the way PostgreSQL's input functions do.

Kinds: `number` (digits, perhaps with a fraction), `date` (digits or letters joined by - / . : _), `time` (has a colon), `word`,
`zone` (a signed number), `special` (a signed word: `-infinity`). Text is lower-cased.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Kind = Literal["number", "date", "time", "word", "zone", "special"]

MAX_LENGTH: Final = 128
MAX_FIELDS: Final = 25
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        1,
    )
    for name in names
}
WEEKDAYS: Final = frozenset(
    {
        *("sun", "sunday", "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "weds"),
        *("thu", "thur", "thurs", "thursday", "fri", "friday", "sat", "saturday"),
    }
)
RESERVED: Final = frozenset(("now", "today", "tomorrow", "yesterday", "epoch", "infinity", "-infinity", "allballs"))
OTHER_WORDS: Final = frozenset(
    ("ad", "bc", "am", "pm", "at", "on", "t", "j", "jd", "julian", "d", "h", "m", "s", "y", "mm", "dow", "doy", "dst")
)


class Field(NamedTuple):
    kind: Kind
    text: str


class BadFormatError(ValueError):
    """The text is not a date or time; the caller knows how to say it."""


_TIME = re.compile(r"[0-9:.]+")
_NUMBER = re.compile(r"\d+")
_DATE_SAME = {d: re.compile(rf"[0-9{re.escape(d)}]+") for d in "-/."}
_DATE_MIXED = {d: re.compile(rf"[0-9A-Za-z{re.escape(d)}]+") for d in "-/."}
_FRACTION = re.compile(r"\.\d*")
_WORD = re.compile(r"[A-Za-z]+")
_JOINED = re.compile(r"[A-Za-z0-9+\-/_.:]+")
_SIGNED = re.compile(r"[+-]\s*(?:(?P<zone>\d[0-9:.\-]*)|(?P<word>[A-Za-z]+))")


def known_word(word: str) -> bool:
    """A word that stands for itself, so that a digit after it does not make both a zone's name (`EST5EDT`)."""
    return word in MONTHS or word in WEEKDAYS or word in RESERVED or word in OTHER_WORDS


def tokenize(text: str) -> list[Field]:
    """Fields of a text. Raises BadFormatError for characters that cannot start one."""
    if len(text) > MAX_LENGTH:
        raise BadFormatError
    fields: list[Field] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
            continue
        if char.isdigit():
            kind, end = _digits(text, at)
        elif char == ".":
            kind, end = "number", _end(_FRACTION, text, at)
        elif char.isascii() and char.isalpha():
            kind, end = _letters(text, at)
        elif char in "+-":
            match = _SIGNED.match(text, at)
            if match is None:
                raise BadFormatError
            fields.append(Field("zone" if match["zone"] else "special", char + (match["zone"] or match["word"].lower())))
            at = match.end()
            continue
        elif char.isascii() and char.isprintable():
            at += 1
            continue
        else:
            raise BadFormatError
        fields.append(Field(kind, text[at:end].lower()))
        at = end
        if len(fields) > MAX_FIELDS:
            raise BadFormatError
    return fields


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _digits(text: str, start: int) -> tuple[Kind, int]:
    at = _end(_NUMBER, text, start)
    after = text[at : at + 1]
    if after == ":":
        return "time", _end(_TIME, text, at)
    if after in ("-", "/", ".") and after:
        at += 1
        if not text[at : at + 1].isdigit():
            return "date", _end(_DATE_MIXED[after], text, at)
        kind: Kind = "number" if after == "." else "date"
        at = _end(_NUMBER, text, at)
        if text[at : at + 1] == after:
            return "date", _end(_DATE_SAME[after], text, at)
        return kind, at
    return "number", at


def _letters(text: str, start: int) -> tuple[Kind, int]:
    at = _end(_WORD, text, start)
    after = text[at : at + 1]
    joined = after in ("-", "/", ".") and after != ""
    if not joined and (after == "+" or after.isdigit()):
        joined = not known_word(text[start:at].lower())
    if not joined:
        return "word", at
    return "date", _end(_JOINED, text, at)
