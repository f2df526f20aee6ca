"""The gateway's configuration: `fedgate.toml` and the command line, merged and checked.

Settings that sessions may change stand in the `[settings]` table of the file under their own names (`statement_timeout`,
`fedgate.node_timeout`, …) and are checked by `session.settings`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.wording import perhaps_hint

DEFAULT_LISTEN = "127.0.0.1:5433"
DEFAULT_CATALOG = "catalog"
MERGE_MEMORY_BYTES_MIN = 64 * 1024**2
MERGE_THREADS_MAX = 256
TLS_VERSIONS = ("TLSv1.2", "TLSv1.3")
MAX_CONNECTIONS_MAX = 10_000
UNIX_SOCKET_PERMISSIONS = 0o770
_TIMES = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}
_UNITS = {"kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "catalog": str,
    "listen": str,
    "data_roots": list,
    "secrets_directory": str,
    "secret_hosts": dict,
    "audit_log": str,
    "temp_directory": str,
    "merge_memory": str,
    "merge_threads": int,
    "max_connections": int,
    "superuser_reserved_connections": int,
    "authentication_timeout": str,
    "shutdown_timeout": str,
    "unix_socket_directory": str,
    "unix_socket_permissions": str,
    "log_connections": bool,
    "log_disconnections": bool,
    "tls_certificate": str,
    "tls_key": str,
    "tls_min_version": str,
    "require_tls": bool,
    "settings": dict,
}


@dataclass(frozen=True, slots=True)
class Config:
    """What `server.engine` needs. Paths are absolute; `listen` is (host, port); without `data_roots` it is the catalog's directory.

    Without `merge_threads` there are as many as processors. `require_tls` None: wherever others than this machine can connect.
    """

    catalog: Path
    listen: tuple[str, int]
    data_roots: tuple[Path, ...] = ()
    secrets_directory: Path | None = None
    secret_hosts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    audit_log: Path | None = None
    temp_directory: Path | None = None
    merge_memory_bytes: int = 2 * 1024**3
    merge_threads: int | None = None
    max_connections: int = limits.CONNECTIONS_MAX
    superuser_reserved_connections: int = limits.RESERVED_CONNECTIONS
    authentication_timeout_s: float = limits.STARTUP_S
    shutdown_timeout_s: float = limits.SHUTDOWN_S
    unix_socket_directory: Path | None = None
    unix_socket_permissions: int = UNIX_SOCKET_PERMISSIONS
    log_connections: bool = False
    log_disconnections: bool = False
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_min_version: str = TLS_VERSIONS[0]
    require_tls: bool | None = None
    settings: dict[str, str] = field(default_factory=dict)


def load(path: Path | None, *, catalog: str | None = None, listen: str | None = None) -> Config:
    """The configuration of a file (if any) with the command line's values over it.

    Raises SqlError F0000 (config_file_error) that names the file and the field.
    """
    raw = _read(path) if path else {}
    base = path.resolve().parent if path else Path.cwd()
    where = str(path) if path else "the command line"

    def directory(value: str) -> Path:
        return (base / value).resolve()

    catalog_path = Path(catalog).resolve() if catalog else directory(raw.get("catalog", DEFAULT_CATALOG))
    roots = tuple(directory(r) for r in raw.get("data_roots", [])) or (catalog_path,)
    return Config(
        catalog=catalog_path,
        listen=parse_listen(listen or raw.get("listen", DEFAULT_LISTEN), where),
        data_roots=roots,
        secrets_directory=directory(raw["secrets_directory"]) if "secrets_directory" in raw else None,
        secret_hosts=_hosts(raw.get("secret_hosts", {}), where),
        audit_log=directory(raw["audit_log"]) if "audit_log" in raw else None,
        temp_directory=directory(raw["temp_directory"]) if "temp_directory" in raw else None,
        merge_memory_bytes=_size(raw.get("merge_memory", "2GB"), f"{where}: merge_memory"),
        merge_threads=_threads(raw.get("merge_threads"), f"{where}: merge_threads"),
        **_connections(raw, where),
        unix_socket_directory=directory(raw["unix_socket_directory"]) if "unix_socket_directory" in raw else None,
        unix_socket_permissions=_permissions(raw.get("unix_socket_permissions"), f"{where}: unix_socket_permissions"),
        log_connections=raw.get("log_connections", False),
        log_disconnections=raw.get("log_disconnections", False),
        tls_certificate=directory(raw["tls_certificate"]) if "tls_certificate" in raw else None,
        tls_key=directory(raw["tls_key"]) if "tls_key" in raw else None,
        tls_min_version=_tls_version(raw.get("tls_min_version", TLS_VERSIONS[0]), where),
        require_tls=raw.get("require_tls"),
        settings=_settings(raw.get("settings", {}), where),
    )


def parse_listen(text: str, where: str) -> tuple[str, int]:
    """`host:port` → (host, port); IPv6 hosts in brackets."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise SqlError("F0000", f'{where}: listen "{text}" is not HOST:PORT', hint=f"For example {DEFAULT_LISTEN}.")
    return host, int(port)


def _size(text: str, where: str) -> int:
    """`512MB`, `2GB` → bytes. Raises SqlError F0000 for anything else, and for less than the merge engine can start with."""
    match = re.fullmatch(r"(\d+)\s*(kB|MB|GB|TB)", text)
    size = int(match[1]) * _UNITS[match[2]] if match else 0
    if size < MERGE_MEMORY_BYTES_MIN:
        raise SqlError("F0000", f'{where} "{text}" is not a size of at least 64MB', hint="For example 512MB or 2GB.")
    return size


def _connections(raw: dict[str, Any], where: str) -> dict[str, Any]:
    """How many may come, and how long things may take. Raises SqlError F0000 for what is out of range."""
    most = raw.get("max_connections", limits.CONNECTIONS_MAX)
    reserved = raw.get("superuser_reserved_connections", min(limits.RESERVED_CONNECTIONS, most - 1))
    if not 1 <= most <= MAX_CONNECTIONS_MAX:
        raise SqlError("F0000", f"{where}: max_connections must be from 1 to {MAX_CONNECTIONS_MAX}")
    if not 0 <= reserved < most:
        raise SqlError("F0000", f"{where}: superuser_reserved_connections must be less than max_connections, which is {most}")
    return {
        "max_connections": most,
        "superuser_reserved_connections": reserved,
        "authentication_timeout_s": _seconds(raw, "authentication_timeout", limits.STARTUP_S, (1, 600), where),
        "shutdown_timeout_s": _seconds(raw, "shutdown_timeout", limits.SHUTDOWN_S, (0, 86_400), where),
    }


def _seconds(raw: dict[str, Any], name: str, default: float, bounds: tuple[int, int], where: str) -> float:
    text = raw.get(name)
    if text is None:
        return default
    match = re.fullmatch(r"(\d+)\s*(ms|s|min|h)", text)
    seconds = int(match[1]) * _TIMES[match[2]] if match else -1
    if not bounds[0] <= seconds <= bounds[1]:
        raise SqlError(
            "F0000", f'{where}: {name} "{text}" is not a time from {bounds[0]}s to {bounds[1]}s', hint="For example 15s."
        )
    return seconds


def _permissions(text: str | None, where: str) -> int:
    if text is None:
        return UNIX_SOCKET_PERMISSIONS
    if not re.fullmatch(r"0?[0-7]{3}", text):
        raise SqlError("F0000", f'{where} "{text}" is not an octal mode', hint='For example "0770".')
    return int(text, 8)


def _threads(count: int | None, where: str) -> int | None:
    if count is not None and not 1 <= count <= MERGE_THREADS_MAX:
        raise SqlError("F0000", f"{where} must be from 1 to {MERGE_THREADS_MAX}")
    return count


def _tls_version(text: str, where: str) -> str:
    if text not in TLS_VERSIONS:
        raise SqlError("F0000", f'{where}: tls_min_version "{text}" is none of {", ".join(TLS_VERSIONS)}')
    return text


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SqlError("58P01", f'configuration file "{path}" cannot be read: {error.strerror}') from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SqlError("F0000", f'configuration file "{path}": {error}') from error
    for name, value in raw.items():
        if name not in _FIELDS:
            raise SqlError("F0000", f'{path}: unknown field "{name}"', hint=perhaps_hint(name, _FIELDS))
        if not isinstance(value, _FIELDS[name]):
            raise SqlError("F0000", f'{path}: field "{name}" has the wrong type ({type(value).__name__})')
    return raw


def _hosts(table: dict[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    """`[secret_hosts]`: by reference (`env:FEDGATE_SECRET_…`, `file:…`) the host, or hosts, that it may be sent to."""
    found = {}
    for reference, hosts in table.items():
        listed = [hosts] if isinstance(hosts, str) else hosts
        if not isinstance(listed, list) or not all(isinstance(host, str) for host in listed):
            raise SqlError("F0000", f'{where}: secret_hosts "{reference}" must be a host or a list of hosts')
        if not reference.startswith(("env:FEDGATE_SECRET_", "file:")):
            hint = "Write it as node documents do: env:FEDGATE_SECRET_… or file:…"
            raise SqlError("F0000", f'{where}: secret_hosts "{reference}" is not a reference to a secret', hint=hint)
        found[reference] = tuple(listed)
    return found


def _settings(table: dict[str, Any], where: str) -> dict[str, str]:
    """Flatten `[settings]` (TOML nests `fedgate.node_timeout`) into setting names and texts."""
    flat: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": text for inner, text in _settings(value, where).items()})
        elif isinstance(value, bool):
            flat[name] = "on" if value else "off"
        elif isinstance(value, str | int | float):
            flat[name] = str(value)
        else:
            raise SqlError("F0000", f'{where}: setting "{name}" must be a text, a number or a boolean')
    return flat
