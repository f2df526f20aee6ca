"""Credentials of nodes: references in the catalog, resolved only when a connection is made and never kept.

`env:FEDGATE_SECRET_*` reads the environment, `file:NAME` a file below the secrets directory that `set_directory` named. Nothing
else can be named.

A secret is for the hosts that it was approved for: those that the configuration says (`set_hosts`), else the one that it was first
asked for in this process. So a document whose address is changed, or another document, does not get it sent elsewhere.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from fedgate.catalog.model import Node
from fedgate.errors import SqlError

_ENV = "env:FEDGATE_SECRET_"
_FILE = "file:"
_SECRET_BYTES_MAX = 64 * 1024
_NAMED: Final = re.compile(r"([?&;\s](?:password|passwd|sslpassword|token|secret|key)=)[^&;\s]*", re.IGNORECASE)
_USERINFO: Final = re.compile(r"(://[^/@:\s]*:)[^@/\s]*(@)")
_directory: Path | None = None
_hosts: Mapping[str, tuple[str, ...]] = {}
_first: dict[str, frozenset[str]] = {}
_lock = threading.Lock()


def set_directory(directory: Path | None) -> None:
    """Where `file:` references are read, from the server's configuration."""
    global _directory
    _directory = directory


def set_hosts(hosts: Mapping[str, tuple[str, ...]]) -> None:
    """By reference, the hosts that may be sent a secret (`*.example.com` means many), from the server's configuration."""
    global _hosts
    with _lock:
        _hosts = dict(hosts)
        _first.clear()


def resolve(node: Node, hosts: Iterable[str]) -> dict[str, str]:
    """The node's credentials by name; `hosts` are those that could be sent them.

    Raises SqlError 08001 naming the node and the reference (never the value), for a secret that is not there or not for that host.
    """
    wanted = frozenset(host.lower().rstrip(".") for host in hosts)
    return {key: _one(node, reference, wanted) for key, reference in node.credentials.items()}


def redacted(text: str) -> str:
    """An address, or a message that may hold one, without passwords."""
    return _NAMED.sub(r"\1***", _USERINFO.sub(r"\1***\2", text))


def _one(node: Node, reference: str, hosts: frozenset[str]) -> str:
    _check_hosts(node, reference, hosts)
    value: str | None = None
    if reference.startswith(_ENV):
        value = os.environ.get(reference.removeprefix("env:"))
    elif reference.startswith(_FILE):
        value = _read(reference.removeprefix(_FILE))
    if value is None:
        raise SqlError("08001", f'node "{node.name}": credential "{reference}" is not available to this gateway', node=node.name)
    return value


def _check_hosts(node: Node, reference: str, hosts: frozenset[str]) -> None:
    approved = _hosts.get(reference)
    if approved is None:
        with _lock:
            first = _first.setdefault(reference, hosts)
        others = hosts - first
    else:
        others = frozenset(host for host in hosts if not any(fnmatchcase(host, pattern.lower()) for pattern in approved))
    if others:
        raise SqlError(
            "08001",
            f'node "{node.name}": credential "{reference}" is not approved for host "{min(others)}"',
            hint="The table secret_hosts of fedgate.toml says to which hosts a secret may be sent.",
            node=node.name,
        )


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
