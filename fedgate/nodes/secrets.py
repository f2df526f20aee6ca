"""Credentials of nodes: references in the catalog, resolved only when a connection is made and never kept.

`env:FEDGATE_SECRET_*` reads the environment, `file:NAME` a file below the secrets directory that `set_directory` named. Nothing
else can be named.
"""

from __future__ import annotations

import os
from pathlib import Path

from fedgate.catalog.model import Node
from fedgate.errors import SqlError

_ENV = "env:FEDGATE_SECRET_"
_FILE = "file:"
_SECRET_BYTES_MAX = 64 * 1024
_directory: Path | None = None


def set_directory(directory: Path | None) -> None:
    """Where `file:` references are read, from the server's configuration."""
    global _directory
    _directory = directory


def resolve(node: Node) -> dict[str, str]:
    """The node's credentials by name. Raises SqlError 08001 naming the node and the reference (never the value)."""
    return {key: _one(node, reference) for key, reference in node.credentials.items()}


def _one(node: Node, reference: str) -> str:
    value: str | None = None
    if reference.startswith(_ENV):
        value = os.environ.get(reference.removeprefix("env:"))
    elif reference.startswith(_FILE):
        value = _read(reference.removeprefix(_FILE))
    if value is None:
        raise SqlError("08001", f'node "{node.name}": credential "{reference}" is not available to this gateway', node=node.name)
    return value


def _read(name: str) -> str | None:
    if _directory is None:
        return None
    root = _directory.resolve()
    path = (root / name).resolve()
    if root not in path.parents:
        return None
    try:
        with path.open("rb") as file:
            return file.read(_SECRET_BYTES_MAX).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None
