"""What every store gives and takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from fedgate.catalog.documents import Broken, Document


@dataclass(frozen=True, slots=True)
class Content:
    """All documents at one revision; `broken` are those that could not be read."""

    revision: str
    documents: tuple[Document, ...]
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Put a document in place of the one of its identity (or beside the others), or take one away."""

    op: Literal["put", "delete"]
    kind: str
    name: str
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One change of the catalog. `at` is UTC in ISO 8601; `what` says op, kind and name of each document; `previous` is the SHA-256
    of the entry before as it stands in the log ("" in the first)."""

    before: str
    revision: str
    at: str
    who: str
    what: tuple[dict[str, Any], ...] = field(default=())
    previous: str = ""


class Store(Protocol):
    """A place that holds a catalog."""

    def read(self) -> Content: ...

    def apply(self, changes: tuple[Change, ...], *, expected: str, who: str) -> str:
        """Make all changes or none; the new revision. Raises SqlError 40001 when the revision is not `expected` any more."""

    def log(self) -> tuple[LogEntry, ...]: ...
