"""Statement files: statements apart by blank lines; `-- params: {...}` above one gives its `$n`, other comments are its own."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from tests.fleets.traps import TRAPS

QUERIES = Path(__file__).parent / "queries"
UNSUPPORTED = Path(__file__).parent / "unsupported.txt"
HIDDEN = re.compile(r"\b_(?:node|shard)\b")
_PARAMETERS = re.compile(r"^-- params: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    """`place` is file and line, for reports; `parameters` are the texts of $1, $2, …"""

    place: str
    text: str
    parameters: tuple[str | None, ...] = ()


def read(path: Path) -> list[Statement]:
    found: list[Statement] = []
    line = 1
    for block in re.split(r"\n[ \t]*\n", path.read_text(encoding="utf-8")):
        start = line + len(block) - len(block.lstrip("\n"))
        line += block.count("\n") + 2
        given = _PARAMETERS.search(block)
        text = _PARAMETERS.sub("", block).strip()
        if text.lower().startswith("explain"):
            continue  # a plan of one server is not another's
        if any(not part.lstrip().startswith("--") for part in text.splitlines() if part.strip()):
            found.append(Statement(f"{path.stem}:{start}", text, _texts(ast.literal_eval(given.group(1))) if given else ()))
    return found


def files() -> list[Path]:
    """Every file of statements over the trap tables; params.sql is to be prepared rather than run."""
    traps = [path for path in sorted(TRAPS.glob("*.sql")) if path.stem not in ("schema", "params")]
    return traps + sorted(QUERIES.glob("*.sql"))


def refused() -> set[str]:
    """The statements of unsupported.txt: 0A000 is their right answer for now."""
    return {block.strip() for block in UNSUPPORTED.read_text(encoding="utf-8").split("\n\n") if block.strip()}


def _texts(parameters: dict[str, object]) -> tuple[str | None, ...]:
    values = [parameters[str(n + 1)] for n in range(len(parameters))]
    return tuple(None if value is None else str(value) for value in values)
