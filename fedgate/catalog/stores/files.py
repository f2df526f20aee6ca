"""The `files` store: a directory of YAML and JSON files, edited by hand, by git, or by `apply`.

Contract: every *.yaml, *.yml and *.json below the directory is read, but names that start with a dot and the directory `schema/`
at its top. The revision is a hash of what the files say, so every gateway that sees the same files names it alike, after a restart
too. `apply` compares and swaps under a lock, keeps the comments of hand-written files, replaces each file in one step, and writes
who changed what to `.fedgate/log.jsonl`; an edit made by hand since the last entry is noted there first.
"""

from __future__ import annotations

import codecs
import fcntl
import hashlib
import json
import logging
import os
import secrets
import stat
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fedgate import limits
from fedgate.catalog.documents import Broken, Document, read_text
from fedgate.catalog.lost import EVERY, claims
from fedgate.catalog.stores import edit
from fedgate.catalog.stores.base import Change, Content, LogEntry
from fedgate.errors import SqlError

SUFFIXES: Final = (".yaml", ".yml", ".json")
STATE_DIRECTORY: Final = ".fedgate"
SCHEMA_DIRECTORY: Final = "schema"
SECRET_FILE: Final = "secret"
NEW_FILE: Final = "applied.yaml"
_REVISION_DIGITS: Final = 16
_SECRET_BYTES: Final = 32
_log = logging.getLogger("fedgate.catalog")


class FilesStore:
    """A directory as a catalog."""

    def __init__(self, directory: Path) -> None:
        self.directory: Final = directory.absolute()
        self._parsed: dict[Path, tuple[bytes, tuple[Document | Broken, ...]]] = {}

    def files(self) -> list[Path]:
        """The catalog's files in order of their names. Raises SqlError 58P01 when the directory cannot be read."""
        if not self.directory.is_dir():
            raise SqlError("58P01", f'catalog directory "{self.directory}" does not exist', hint="Name another with --catalog DIR.")
        found = []
        for root, directories, names in os.walk(self.directory):
            at_top = Path(root) == self.directory
            directories[:] = [d for d in directories if not d.startswith(".") and not (at_top and d == SCHEMA_DIRECTORY)]
            found += [Path(root, n) for n in names if not n.startswith(".") and n.endswith(SUFFIXES)]
        return sorted(found)

    def read(self) -> Content:
        """Every document, and the revision that this is. A file that says what it said at the last reading is not parsed again."""
        parsed: dict[Path, tuple[bytes, tuple[Document | Broken, ...]]] = {}
        documents: list[Document] = []
        broken: list[Broken] = []
        digest = hashlib.sha256()
        for path in self.files():
            try:
                data = _read_file(path)
            except OSError as error:
                message = f"the file cannot be read: {error.strerror or error}"
                broken.append(Broken("file", str(path), message, path, 1, EVERY, role=True))
                continue
            relative = path.relative_to(self.directory).as_posix().encode()
            digest.update(b"%d:%s%d:%s" % (len(relative), relative, len(data), data))
            its = hashlib.sha256(data).digest()
            last = self._parsed.get(path)
            parsed[path] = last if last is not None and last[0] == its else (its, tuple(read_file(path, data)))
            for item in parsed[path][1]:
                if isinstance(item, Document):
                    documents.append(item)
                else:
                    broken.append(item)
        self._parsed = parsed  # in one step: threads may read at the same time
        return Content(digest.hexdigest()[:_REVISION_DIGITS], tuple(documents), tuple(broken))

    # ------------------------------------------------------------------------------------------------ changes

    def apply(self, changes: tuple[Change, ...], *, expected: str, who: str) -> str:
        """As `base.Store` says. Raises SqlError 42704 for the deletion of what is not there."""
        with self._locked():
            content = self.read()
            if content.revision != expected:
                raise SqlError(
                    "40001",
                    f"the catalog is at revision {content.revision}, not {expected}: somebody changed it meanwhile",
                    hint="Look at the difference, then try again.",
                )
            for path, text in self._edited(content, changes).items():
                _write_file(path, text)
            revision = self.read().revision
            if revision != content.revision:
                self._append(content.revision, revision, who, changes)
        return revision

    def _edited(self, content: Content, changes: tuple[Change, ...]) -> dict[Path, str]:
        """The new text of every file that changes, made before the first is written; "" for a file that has no document left."""
        present = {(d.kind, d.name): d for d in content.documents}
        edits: dict[Path, list[edit.Edit]] = defaultdict(list)
        for change in changes:
            old = present.get((change.kind, change.name))
            if old is None and change.op == "delete":
                raise SqlError("42704", f'there is no {change.kind} "{change.name}"')
            target = old.file if old is not None else self._new_file(change)
            assert target is not None
            new = edit.relocated(change.document, target) if change.document is not None else None
            edits[target].append(edit.Edit(old, new))
        return {path: edit.edited(path, _existing(path), items) for path, items in edits.items()}

    def _new_file(self, change: Change) -> Path:
        source = change.document.file if change.document is not None else None
        name = source.name if source is not None and source.suffix in SUFFIXES and not source.name.startswith(".") else NEW_FILE
        return self.directory / name

    def secret(self) -> bytes:
        """Random bytes that the gateways of this directory share, and nobody else. Where they cannot be kept, new ones."""
        path = self.directory / STATE_DIRECTORY / SECRET_FILE
        made = secrets.token_bytes(_SECRET_BYTES)
        try:
            with self._locked():
                if not path.exists():
                    _write_file(path, made.hex(), mode=0o600)
                return bytes.fromhex(path.read_text())
        except (OSError, ValueError) as error:
            _log.warning("%s cannot be used, a secret for this run takes its place: %s", path, error)
            return made

    @contextmanager
    def _locked(self) -> Iterator[None]:
        state = self.directory / STATE_DIRECTORY
        state.mkdir(exist_ok=True)
        with open(state / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # ------------------------------------------------------------------------------------------------ log

    @property
    def _log_path(self) -> Path:
        return self.directory / STATE_DIRECTORY / "log.jsonl"

    def log(self) -> tuple[LogEntry, ...]:
        """The entries, oldest first. Raises SqlError 58030 where the chain of hashes is broken."""
        entries = []
        before = ""
        for number, line in enumerate(self._log_lines(), 1):
            try:
                raw = json.loads(line)
                entry = LogEntry(**{**raw, "what": tuple(raw["what"])})
            except (ValueError, TypeError, KeyError) as error:
                raise SqlError("58030", f"{self._log_path}:{number}: not an entry of the log") from error
            if entry.previous != before:
                raise SqlError("58030", f"{self._log_path}:{number}: the entry before it was changed")
            before = hashlib.sha256(line.encode()).hexdigest()
            entries.append(entry)
        return tuple(entries)

    def _log_lines(self) -> list[str]:
        try:
            return self._log_path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _append(self, before: str, revision: str, who: str, changes: tuple[Change, ...]) -> None:
        lines = self._log_lines()
        last = LogEntry(**json.loads(lines[-1])).revision if lines else ""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        what = tuple({"op": c.op, "kind": c.kind, "name": c.name} for c in changes)
        new = [LogEntry(before, revision, at, who, what)]
        if last != before:
            new.insert(0, LogEntry(last, before, at, "", ({"op": "edit", "kind": "", "name": ""},)))
        with open(self._log_path, "a", encoding="utf-8") as log:
            for entry in new:
                previous = hashlib.sha256(lines[-1].encode()).hexdigest() if lines else ""
                lines.append(json.dumps({**asdict(entry), "previous": previous}, ensure_ascii=False))
                log.write(lines[-1] + "\n")
            log.flush()
            os.fsync(log.fileno())


def read_file(path: Path, data: bytes) -> list[Document | Broken]:
    """The documents of one file; of bytes that are not UTF-8 only the documents are broken in which they stand."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        found = claims(None, data.decode("utf-16", "replace"))
        return [Broken("file", str(path), "the file is UTF-16, not UTF-8", path, 1, found.tables, role=found.role)]
    return read_text(data.decode("utf-8-sig", "surrogateescape"), path, is_json=path.suffix == ".json")


def _read_file(path: Path) -> bytes:
    with open(path, "rb") as file:
        data = file.read(limits.CATALOG_FILE_BYTES_MAX + 1)
    if len(data) > limits.CATALOG_FILE_BYTES_MAX:
        raise OSError(f"larger than {limits.CATALOG_FILE_BYTES_MAX} bytes")
    return data


def _existing(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except FileNotFoundError:
        return ""


def _mode(path: Path) -> int | None:
    """The permissions of a file that is there."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


def _write_file(path: Path, text: str, mode: int | None = None) -> None:
    """Replace a file in one step; readers see the old or the new one. Who may read it stays as it was."""
    if not text:
        path.unlink(missing_ok=True)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    wanted = mode if mode is not None else _mode(path)
    first = 0o666 if wanted is None else wanted & 0o600
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape", opener=lambda p, flags: os.open(p, flags, first)) as file:
        if wanted is not None:
            os.fchmod(file.fileno(), wanted)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
