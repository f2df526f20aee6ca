"""What `fedgate catalog` works out before it changes anything: which documents are new, changed, needed."""

from __future__ import annotations

import difflib
import getpass
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fedgate.catalog.documents import Document, identity, read_text
from fedgate.catalog.names import display
from fedgate.catalog.stores.base import Change, Content
from fedgate.catalog.stores.edit import merged, relocated, written
from fedgate.catalog.stores.files import FilesStore, read_file
from fedgate.errors import SqlError
from fedgate.wording import counted, perhaps_hint

if TYPE_CHECKING:
    from fedgate.catalog.model import Problem
    from fedgate.catalog.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Planned:
    """What would happen to one document."""

    what: Literal["created", "changed", "unchanged"]
    kind: str
    name: str
    old: Document | None
    new: Document | None


def content_of(path: Path) -> Content:
    """The documents of a directory, a file, or stdin (`-`). Raises SqlError 58P01."""
    if path.is_dir():
        return FilesStore(path).read()
    if str(path) == "-":
        found = read_text(sys.stdin.read(), None)
    else:
        try:
            found = read_file(path.absolute(), path.read_bytes())
        except OSError as error:
            raise SqlError("58P01", f'"{path}" cannot be read: {error.strerror}') from error
    documents = tuple(d for d in found if isinstance(d, Document))
    return Content("", documents, tuple(b for b in found if not isinstance(b, Document)))


def plan(current: Content, new: Content) -> list[Planned]:
    """One entry for each new document. Raises SqlError 42710 when one is given twice."""
    present = {(d.kind, d.name): d for d in current.documents}
    planned: dict[tuple[str, str], Planned] = {}
    for document in new.documents:
        key = (document.kind, document.name)
        if key in planned:
            raise SqlError("42710", f'{document.kind} "{display(*key)}" is given more than once', hint=document.where() or None)
        old = present.get(key)
        moved = relocated(document, old.file) if old is not None and old.file is not None else document
        what: Literal["created", "changed", "unchanged"] = (
            "created" if old is None else "unchanged" if old.body == moved.body else "changed"
        )
        planned[key] = Planned(what, document.kind, document.name, old, document)
    return list(planned.values())


def after(current: Content, changes: tuple[Change, ...]) -> Content:
    """The content as it would be after the changes."""
    touched = {(c.kind, c.name) for c in changes}
    kept = [d for d in current.documents if (d.kind, d.name) not in touched]
    added = [c.document for c in changes if c.document is not None]
    return Content("", (*kept, *added), current.broken)


def snapshot_of(content: Content) -> Snapshot:
    """What a gateway would make of the content."""
    from fedgate.catalog.snapshot import Snapshot  # binds checks and views, with all that knows PostgreSQL: not for `list`

    return Snapshot.build(content.documents, content.broken, revision=content.revision)


def acceptable(current: Content, wanted: tuple[Change, ...]) -> bool:
    """Whether the catalog has no new problem after the changes; prints those it would have."""
    known = {(p.kind, p.name) for p in snapshot_of(current).problems}
    added = [p for p in snapshot_of(after(current, wanted)).problems if (p.kind, p.name) not in known]
    print_problems(added)
    if added:
        print(f"refused: the catalog would have {counted(len(added), 'new problem')}", file=sys.stderr)
    return not added


def print_problems(problems: Iterable[Problem]) -> None:
    """One a line, to stdout."""
    for problem in problems:
        print(f'{problem.kind} "{problem.name}": {problem.message}')


def find(content: Content, kind: str, name: str) -> Document:
    """The document of that name as a person writes it. Raises SqlError 42704 with the nearest name."""
    documents = [d for d in content.documents if d.kind == kind]
    matching = [d for d in documents if name in (d.name, display(kind, d.name))]
    if not matching and kind == "placement":
        matching = [d for d in documents if name in (d.name.rpartition("/")[0], display(kind, d.name).rpartition("/")[0])]
    if len(matching) > 1:
        names = ", ".join(display(kind, identity(d.body)) for d in matching)
        raise SqlError("42725", f'{kind} "{name}" is not the only one: {names}')
    if not matching:
        hint = perhaps_hint(name, [display(kind, d.name) for d in documents])
        raise SqlError("42704", f'there is no {kind} "{name}"', hint=hint)
    return matching[0]


def _replacement(item: Planned) -> str:
    """The new document as the catalog's file will hold it."""
    if item.new is None:
        return ""
    if item.old is None or item.old.file is None or item.old.file.suffix == ".json":
        return written(item.new)
    return merged(item.old, relocated(item.new, item.old.file)).strip("\r\n") + "\n"


def unified(item: Planned) -> Iterator[str]:
    """The change as a unified diff of the documents' texts."""
    name = f"{item.kind} {display(item.kind, item.name)}"
    old = written(item.old).splitlines(keepends=True) if item.old is not None else []
    new = _replacement(item).splitlines(keepends=True)
    return difflib.unified_diff(old, new, f"catalog: {name}" if old else "/dev/null", f"new: {name}")


def who() -> str:
    """Who changes the catalog, for its log: the person whose command this is."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in this container
        if not hasattr(os, "getuid"):
            raise SqlError("28000", "the user's name is not known") from None
        return f"uid {os.getuid()}"
