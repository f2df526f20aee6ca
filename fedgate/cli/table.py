"""Rows as psql prints them (aligned, border 1): headers centred, numbers to the right, a + where a value goes on in the next line.

Widths are columns of a terminal: East Asian wide characters take two, combining marks none; what a terminal would obey is escaped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import IO, TypeAlias

from fedgate.wording import counted

TAB_STOP = 8
Cell: TypeAlias = "list[tuple[str, int]]"
"""The lines of one value, each with its width."""


def write_table(
    out: IO[str], names: Sequence[str], right: Sequence[bool], rows: Sequence[Sequence[str | None]], *, footer: bool = True
) -> None:
    """Write a table; `right` says which columns are aligned to the right, None is NULL and prints as nothing."""
    heads = [cell(name) for name in names]
    body = [[cell(value or "") for value in row] for row in rows]
    widths = [max(width for row in (heads, *body) for _, width in row[i]) for i in range(len(names))]
    for line in range(max((len(head) for head in heads), default=0)):
        out.write("|".join(_head(head, line, width) for head, width in zip(heads, widths, strict=True)) + "\n")
    out.write(("+".join("-" * (width + 2) for width in widths) or "--") + "\n")
    for row in body:
        for line in range(max((len(lines) for lines in row), default=0)):
            out.write(_line(row, line, widths, right) + "\n")
    if footer:
        out.write(f"({counted(len(rows), 'row')})\n")


def _head(head: Cell, line: int, width: int) -> str:
    text, used = head[line] if line < len(head) else ("", 0)
    left = (width - used) // 2
    return " " + " " * left + text + " " * (width - used - left) + _goes_on(head, line)


def _goes_on(lines: Cell, line: int) -> str:
    return "+" if line + 1 < len(lines) else " "


def _line(row: Sequence[Cell], line: int, widths: Sequence[int], right: Sequence[bool]) -> str:
    parts: list[str] = []
    for i, (lines, width) in enumerate(zip(row, widths, strict=True)):
        text, used = lines[line] if line < len(lines) else ("", 0)
        goes_on = _goes_on(lines, line)
        last = i + 1 == len(row)
        if right[i] and line < len(lines):
            text = " " * (width - used) + text
        elif not last or goes_on == "+":
            text += " " * (width - used)
        parts.append(f" {text}" + ("" if last and goes_on == " " else goes_on))
    return "|".join(parts)


def cell(text: str) -> Cell:
    """The lines of a value as they are shown."""
    if text.isascii() and text.isprintable():
        return [(text, len(text))]
    return [_shown(line) for line in text.split("\n")]


def _shown(line: str) -> tuple[str, int]:
    shown: list[str] = []
    width = 0
    for character in line:
        piece, used = _character(character, width)
        shown.append(piece)
        width += used
    return "".join(shown), width


def _character(character: str, column: int) -> tuple[str, int]:
    if character == "\t":
        spaces = TAB_STOP - column % TAB_STOP
        return " " * spaces, spaces
    category = unicodedata.category(character)
    if category == "Cc":
        escaped = "\\r" if character == "\r" else f"\\x{ord(character):02X}" if character < "\x80" else f"\\u{ord(character):04X}"
        return escaped, len(escaped)
    if category in ("Mn", "Me", "Cf"):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
