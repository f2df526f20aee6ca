"""How far a long job is, for whoever watches."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO, TypeAlias

Progress: TypeAlias = Callable[[str, float], None]
"""Called with what is being done and the part of the whole job that is done, from 0 to 1."""

_WIDTH = 30


def bar(stream: TextIO = sys.stderr) -> Progress:
    """A bar on one line of a terminal; anywhere else a line a step."""
    seen = ""
    live = stream.isatty()

    def show(doing: str, part: float) -> None:
        nonlocal seen
        if live:
            filled = round(_WIDTH * part)
            end = "\n" if part >= 1 else ""
            stream.write(f"\r\x1b[K[{'#' * filled}{'.' * (_WIDTH - filled)}] {part:4.0%} {doing}{end}")
        elif doing != seen:
            stream.write(f"{part:4.0%} {doing}\n")
        seen = doing
        stream.flush()

    return show
