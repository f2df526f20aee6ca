"""What the engines that read files have in common: is the file there, and which files does a pattern name."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from fedgate import limits
from fedgate.catalog.model import Node
from fedgate.errors import SqlError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DEMO = f"{os.sep}demo{os.sep}data{os.sep}"
_roots: tuple[str, ...] | None = None
_found: dict[str, tuple[tuple[int, ...], str]] = {}
"""By URL: the file that `find_file` found there and approved (device, inode, mode, owner, group), and its path, links followed."""


def set_roots(roots: Sequence[Path] | None) -> None:
    """The directories below which node files may lie, from the server's configuration; None: anywhere."""
    global _roots
    _found.clear()
    _roots = None if roots is None else tuple(os.path.realpath(root) for root in roots)


def check_root(node: Node, path: str) -> str:
    """The path, links followed.

    Raises SqlError 08001 for a file or directory that is not below the data roots, links followed; 0A000 for another URL.
    """
    if _URL.match(path):
        raise SqlError(
            "0A000",
            f'node "{node.name}": "{path}": object stores are not supported yet',
            hint="A node of this engine is a file or directory that this gateway can open.",
            node=node.name,
        )
    real = os.path.realpath(path)
    if _roots is not None and not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in _roots):
        raise SqlError(
            "08001",
            f'node "{node.name}": "{path}" is not below the data roots of this gateway',
            hint="The field data_roots of fedgate.toml names the directories below which node files may lie.",
            node=node.name,
        )
    return real


def check_file(node: Node) -> os.stat_result:
    """The status of a node's single file. Raises SqlError 08001 (missing, unreadable, elsewhere) or 58030 (not a file)."""
    return find_file(node)[1]


def find_file(node: Node) -> tuple[str, os.stat_result]:
    """The path of a node's single file with its links followed, and the file's status. Raises as `check_file`.

    A session over a small file is so short that following the links anew each time is a tenth of it: a file that was approved at
    its URL once is good there for as long as it is the same file with the same owner and mode.
    """
    try:
        status = os.stat(node.url)
    except OSError as exc:
        check_root(node, node.url)
        raise unreachable(node, exc) from exc
    identity = _identity(status)
    known = _found.get(node.url)
    if known is not None and known[0] == identity and _still_there(node.url, *known):
        return known[1], status
    real = check_root(node, node.url)
    if not stat.S_ISREG(status.st_mode):
        raise SqlError("58030", f'node "{node.name}": "{node.url}" is not a file', node=node.name)
    if not os.access(node.url, os.R_OK):
        raise SqlError("08001", f'could not open node "{node.name}": no permission to read "{node.url}"', node=node.name)
    if len(_found) >= limits.FILES_FOUND_MAX:
        _found.clear()
    _found[node.url] = identity, real
    return real, status


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_mode, status.st_uid, status.st_gid


def _still_there(url: str, identity: tuple[int, ...], real: str) -> bool:
    """Whether the path without links is still the same file's: a directory on the way may have got another name."""
    if real == url:
        return True
    try:
        return _identity(os.lstat(real)) == identity
    except OSError:
        return False


def stamp_of(status: os.stat_result) -> tuple[int, ...]:
    """Equal only while nobody has written the file or put another in its place."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def unreachable(node: Node, exc: OSError) -> SqlError:
    """08001 for a file or directory that cannot be opened."""
    hint = None
    if isinstance(exc, FileNotFoundError):
        reason = "does not exist"
        hint = "A node's file is named relative to the document that names it."
        if _DEMO in node.url:
            hint += " The demo fleet's files are made by `fedgate demo DIR`, with a catalog beside them."
    else:
        reason = (exc.strerror or str(exc)).lower()
    return SqlError("08001", f'could not open node "{node.name}": "{node.url}": {reason}', hint=hint, node=node.name)


def list_tree(node: Node) -> tuple[str, ...]:
    """All files below the node's directory, relative, with `/`, sorted; names that start with `.` or `_` are left out.

    Raises SqlError 08001 when the directory cannot be read and 54000 past limits.PARQUET_FILES_MAX files.
    """
    check_root(node, node.url)
    if not os.path.isdir(node.url):
        if os.path.exists(node.url):
            raise SqlError("58030", f'node "{node.name}": "{node.url}" is not a directory', node=node.name)
        raise unreachable(node, FileNotFoundError())
    found: list[str] = []

    def failed(exc: OSError) -> None:
        raise unreachable(node, exc)

    for folder, folders, names in os.walk(node.url, onerror=failed, followlinks=True):
        folders[:] = [name for name in folders if name[0] not in "._"]
        for name in (*folders, *names):
            if _roots is not None and os.path.islink(path := os.path.join(folder, name)):
                check_root(node, path)
        base = os.path.relpath(folder, node.url)
        found += [name if base == "." else f"{base}/{name}".replace(os.sep, "/") for name in names if name[0] not in "._"]
        if len(found) > limits.PARQUET_FILES_MAX:
            raise SqlError("54000", f'node "{node.name}" holds more than {limits.PARQUET_FILES_MAX} files', node=node.name)
    return tuple(sorted(found))


def select(files: tuple[str, ...], pattern: str, suffix: str) -> list[str]:
    """Those that `pattern` names: a file, a directory (files below it that end with `suffix`) or a glob (`*`, `?`, `[…]`, `**`).

    A glob that names directories stands for the files below them.
    """
    pattern = pattern.strip("/").removeprefix("./")
    if pattern in ("", "."):
        return [f for f in files if f.endswith(suffix)]
    if pattern in files:
        return [pattern]
    whole = re.compile(_glob_regex(pattern) + r"(?P<below>/.*)?", re.DOTALL)
    matches = [(f, whole.fullmatch(f)) for f in files]
    return [f for f, match in matches if match and (match["below"] is None or f.endswith(suffix))]


def _glob_regex(pattern: str) -> str:
    out, i = "", 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out, i = out + "(?:.*/)?", i + 3
            continue
        if pattern.startswith("**", i):
            out, i = out + ".*", i + 2
            continue
        c = pattern[i]
        end = pattern.find("]", i + 2) if c == "[" else -1
        if end > 0:
            body = pattern[i + 1 : end].replace("\\", "\\\\")
            out, i = out + "[" + ("^" + body[1:] if body[0] in "!^" else body) + "]", end + 1
            continue
        out, i = out + {"*": "[^/]*", "?": "[^/]"}.get(c, re.escape(c)), i + 1
    return out
