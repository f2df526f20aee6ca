"""What a document that cannot be used may have said: its kind and name, and the tables whose rows may be short without it.

Contract: `claims` never says too few tables. A placement is lost with its rows, so the table that it names is concerned, and every
table (`EVERY`) where it is not known which. What shows no sign of a document (notes, another program's file) concerns none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

from fedgate.catalog.names import KINDS, qualified

EVERY: Final = ("*",)
UNDECODED: Final = re.compile("[\ud800-\udfff]")
"""A byte that is not UTF-8, as `surrogateescape` decodes it; or half of a character in JSON's escapes."""
_PAIR = re.compile(
    r"""(?:^|[{,\[])[ \t]*(?:-[ \t]+)?["']?(kind|name|table|node|shard)["']?[ \t]*:[ \t]*["']?([^"'#\s,}\]]+)""", re.MULTILINE
)
_CALLED_PLACEMENT = re.compile(r"""^[ \t{["'-]*\w+["']?[ \t]*:[ \t]*["']?placement\b""", re.MULTILINE)
_OF_A_ROLE: Final = re.compile(r"\b(role|verifier|grants|member_of)\b")
_NEAR: Final = 0.7


@dataclass(frozen=True, slots=True)
class Claims:
    """`kind` and `name` are "" where they could not be read; `shard` is that of a placement of the one table;
    `role` says whether it may be a role.
    """

    kind: str = ""
    name: str = ""
    tables: tuple[str, ...] = ()
    shard: str | None = None
    role: bool = False


def claims(value: Any, text: str) -> Claims:
    """Of a document as it was read (None where that failed), and of its text."""
    if isinstance(value, dict):
        found = {k: v for k, v in value.items() if isinstance(v, str)}
        claimed = _one(found, placed=any(get_close_matches(v.lower(), ["placement"], 1, _NEAR) for v in found.values()))
        signs = " ".join((*map(str, value), found.get("kind", "").lower()))
    else:
        signs = text.replace("\0", "")  # the texts of UTF-16 are seen too
        pairs = [(m[1], m[2]) for m in _PAIR.finditer(signs)]
        claimed = _of_text(pairs, signs)
    return replace(claimed, role=_may_be_a_role(claimed.kind, signs))


def _may_be_a_role(kind: str, signs: str) -> bool:
    if kind in KINDS:
        return kind == "role"
    return bool(get_close_matches(kind.lower(), ["role"], 1, _NEAR)) or _OF_A_ROLE.search(signs) is not None


def _of_text(pairs: list[tuple[str, str]], text: str) -> Claims:
    if sum(1 for key, _ in pairs if key == "kind") > 1:
        return _several(pairs)
    found: dict[str, str] = {}
    for key, word in pairs:
        found.setdefault(key, word)
    return _one(found, placed=_CALLED_PLACEMENT.search(text) is not None)


def _one(found: Mapping[str, str], *, placed: bool) -> Claims:
    """`placed`: whether something in it is called a placement."""
    kind, name = found.get("kind", ""), found.get("name", "")
    if kind == "placement" or (kind not in KINDS and ("table" in found or placed)):
        name = "/".join(found[k] for k in ("table", "node", "shard") if k in found)
        if "table" not in found or _garbled(found["table"]):
            return Claims(kind, name, EVERY)
        return Claims(kind, name, (qualified(found["table"]),), found.get("shard", found.get("node")))
    if kind in ("table", "view") and name:
        return Claims(kind, qualified(name), () if _garbled(name) else (qualified(name),))
    return Claims(kind, name)


def _several(pairs: list[tuple[str, str]]) -> Claims:
    """Of documents that cannot be told apart: whatever is called a table, or has the name of one."""
    kinds = [word for key, word in pairs if key == "kind"]
    placed = [word for key, word in pairs if key == "table"]
    if any(map(_garbled, placed)) or sum(1 for kind in kinds if kind not in KINDS or kind == "placement") > len(placed):
        return Claims(tables=EVERY)
    named = [word for key, word in pairs if key == "name"] if {"table", "view"} & set(kinds) else []
    return Claims(tables=tuple(dict.fromkeys(qualified(n) for n in (*placed, *named) if not _garbled(n))))


def _garbled(name: str) -> bool:
    """Whether a name cannot be read as it was meant."""
    return UNDECODED.search(name) is not None or "\ufffd" in name
