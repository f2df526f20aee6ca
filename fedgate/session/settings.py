"""The settings of one session: SET, SET LOCAL, RESET, SHOW, and what a transaction's end takes back.

Values are texts in canonical form (`settings.values`). The rules are PostgreSQL's: SET inside a transaction that is rolled back is
undone, SET LOCAL lasts until the transaction ends, savepoints nest, RESET goes to what the session started with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fedgate import __version__, settings
from fedgate.catalog import selectors
from fedgate.errors import SqlError
from fedgate.executor.api import ExecSettings
from fedgate.settings import values as sv
from fedgate.settings.table import SETTINGS, Setting
from fedgate.types.style import TextStyle

SERVER_VERSION = "15.18"
SELECTOR = "fedgate.node_selector"
_OF_TRANSACTION = frozenset({"transaction_isolation", "transaction_read_only", "transaction_deferrable"})


@dataclass(frozen=True, slots=True)
class WireSettings:
    """The settings that concern the connection itself; times in seconds, None for never.

    `keepalives`: TCP's idle time and interval (s), count, and user timeout (ms); 0 is the system's.
    """

    idle_s: float | None
    idle_in_transaction_s: float | None
    check_s: float | None
    keepalives: tuple[int, int, int, int]


class Settings:
    """`changed` names reported settings whose value changed since `take_changed`."""

    def __init__(self, user: str, server_defaults: Mapping[str, str], startup: Mapping[str, str]) -> None:
        self._reset: dict[str, str] = {s.name: s.default for s in SETTINGS.values()}
        self._reset["server_version"] = f"{SERVER_VERSION} (fedgate {__version__})"
        self._reset["session_authorization"] = user
        self._custom: set[str] = set()
        for name, text in {**server_defaults, **startup}.items():
            setting = self._setting(name)
            if setting.fixed and name in startup:
                raise settings.cannot_change(setting)
            self._reset[setting.name] = _canonical(setting, text, self._reset[setting.name])
        self._values = dict(self._reset)
        self._undo: list[dict[str, str]] = []  # one per open (sub)transaction: values at its start
        self._local: dict[str, str] = {}  # name -> value that outlives a SET LOCAL
        self._changed: set[str] = set()
        self._told: dict[str, str] = {}  # what the client knows
        self._derived: tuple[TextStyle, ExecSettings, WireSettings] | None = None

    # ------------------------------------------------------------------------------------------------------------ reading

    def __getitem__(self, name: str) -> str:
        # Between transactions these are what the next one would begin with.
        return self._values[f"default_{name}" if name in _OF_TRANSACTION and not self._undo else name]

    def show(self, name: str) -> str:
        """What SHOW prints. Raises 42704 for an unknown name."""
        return self[self._setting(name, reading=True).name]

    def reported(self) -> Iterator[tuple[str, str]]:
        """Name and value of all settings that a client is told at connect."""
        for s in SETTINGS.values():
            if s.report:
                self._told[s.name] = self._values[s.name]
                yield sv.shown_name(s.name), self._values[s.name]

    def take_changed(self) -> list[tuple[str, str]]:
        """Reported settings whose value is not what the client was told last."""
        if not self._changed:
            return []
        changed = [n for n in sorted(self._changed) if self._told.get(n) != self._values[n]]
        self._changed.clear()
        self._told.update((n, self._values[n]) for n in changed)
        return [(sv.shown_name(n), self._values[n]) for n in changed]

    def all(self) -> list[tuple[str, str, str]]:
        """(name, value, description) of every setting, by name: SHOW ALL."""
        return [(sv.shown_name(n), self[n], SETTINGS[n].about) for n in sorted(SETTINGS)]

    @property
    def style(self) -> TextStyle:
        return self._derive()[0]

    @property
    def execution(self) -> ExecSettings:
        return self._derive()[1]

    @property
    def wire(self) -> WireSettings:
        return self._derive()[2]

    @property
    def statement_timeout_s(self) -> float | None:
        ms = sv.milliseconds(self._values["statement_timeout"])
        return ms / 1000 if ms else None

    def search_path(self, user: str) -> tuple[str, ...]:
        parts = split_identifiers(self._values["search_path"])
        return tuple(user if p == "$user" else p for p in parts)

    def planner_settings(self) -> tuple[tuple[str, str], ...]:
        """The fedgate.* settings that a plan may depend on."""
        return ((SELECTOR, self._values[SELECTOR]),)

    # ------------------------------------------------------------------------------------------------------------ writing

    def set(self, name: str, text: str, *, local: bool = False) -> None:
        """SET [LOCAL] name = text. Raises 42704, 22023, 55P02."""
        setting = self._setting(name)
        if setting.fixed:
            raise settings.cannot_change(setting)
        self._assign(setting.name, _canonical(setting, text, self._values.get(setting.name, setting.default)), local=local)

    def reset(self, name: str, *, local: bool = False) -> None:
        setting = self._setting(name)
        if setting.fixed and setting.name != "session_authorization":  # pools reset it; its user never changes
            raise settings.cannot_change(setting)
        self._assign(setting.name, self._reset[setting.name], local=local)

    def reset_all(self) -> None:
        keep = (*_OF_TRANSACTION, "role")
        for name, value in list(self._reset.items()):
            if name not in keep:
                self._assign(name, value, local=False)

    # ------------------------------------------------------------------------------------------------------- transactions

    def begin(self) -> None:
        """A transaction or a savepoint starts."""
        self._undo.append(dict(self._values))

    def commit(self) -> None:
        """The outermost transaction commits: SET LOCAL ends."""
        self._undo.clear()
        for name, value in self._local.items():
            self._put(name, value)
        self._local.clear()

    def rollback(self) -> None:
        """The outermost transaction is undone."""
        if self._undo:
            self._restore(self._undo[0])
        self._undo.clear()
        self._local.clear()

    def release_savepoint(self, depth: int) -> None:
        del self._undo[depth:]

    def rollback_to(self, depth: int) -> None:
        """Back to the savepoint that was the `depth`-th `begin` (from 0); it stays open."""
        self._restore(self._undo[depth])
        del self._undo[depth + 1 :]

    # ------------------------------------------------------------------------------------------------------------ private

    def _assign(self, name: str, value: str, *, local: bool) -> None:
        if local:
            self._local.setdefault(name, self._values.get(name, ""))
        else:
            self._local.pop(name, None)
        self._put(name, value)

    def _put(self, name: str, value: str) -> None:
        if self._values.get(name) != value:
            self._values[name] = value
            self._derived = None
            if name in SETTINGS and SETTINGS[name].report:
                self._changed.add(name)

    def _restore(self, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            self._put(name, value)

    def _setting(self, name: str, *, reading: bool = False) -> Setting:
        setting = settings.named(name)
        if setting is not None:
            return setting
        key = name.lower()
        if reading and key not in self._values:
            raise SqlError("42704", f'unrecognized configuration parameter "{name}"')
        self._reset.setdefault(key, "")  # a placeholder of the client's own, as in PostgreSQL
        return Setting(key, "string", "", "Set by the client.")

    def _derive(self) -> tuple[TextStyle, ExecSettings, WireSettings]:
        if self._derived is None:
            v = self._values

            def seconds(name: str) -> float | None:
                ms = sv.milliseconds(v[name])
                return ms / 1000 if ms else None

            style = TextStyle(
                timezone=v["timezone"],
                datestyle=v["datestyle"],
                intervalstyle=v["intervalstyle"],
                extra_float_digits=int(v["extra_float_digits"]),
                bytea_output=v["bytea_output"],
            )
            execution = ExecSettings(
                connect_timeout_s=sv.milliseconds(v["fedgate.connect_timeout"]) / 1000,
                node_timeout_s=seconds("fedgate.node_timeout"),
                node_hold_s=sv.milliseconds(v["fedgate.node_hold"]) / 1000,
                on_node_failure=v["fedgate.on_node_failure"],
                node_selector=v[SELECTOR],
                replica=v["fedgate.replica"],
                timezone=v["timezone"],
                max_node_bytes=sv.size_bytes(v["fedgate.max_node_bytes"]) or None,
                max_result_bytes=sv.size_bytes(v["fedgate.max_result_bytes"]) or None,
            )
            wire = WireSettings(
                idle_s=seconds("idle_session_timeout"),
                idle_in_transaction_s=seconds("idle_in_transaction_session_timeout"),
                check_s=seconds("client_connection_check_interval"),
                keepalives=(
                    sv.milliseconds(v["tcp_keepalives_idle"]) // 1000,
                    sv.milliseconds(v["tcp_keepalives_interval"]) // 1000,
                    int(v["tcp_keepalives_count"]),
                    sv.milliseconds(v["tcp_user_timeout"]),
                ),
            )
            self._derived = style, execution, wire
        return self._derived


def _canonical(setting: Setting, text: str, current: str) -> str:
    if setting.name == SELECTOR:
        selectors.check(text)
    return sv.canonical(setting, text, current)


@lru_cache(maxsize=256)
def split_identifiers(text: str) -> tuple[str, ...]:
    """The names of a list setting: commas between, double quotes around what keeps its case."""
    names: list[str] = []
    for raw in text.split(","):
        word = raw.strip()
        if word.startswith('"') and word.endswith('"') and len(word) > 1:
            names.append(word[1:-1].replace('""', '"'))
        elif word:
            names.append(word.lower())
    return tuple(names)


def split_options(text: str) -> dict[str, str]:
    """The settings in a startup packet's `options`: `-c name=value`, `--name=value`; backslash keeps the next character."""
    words = [re.sub(r"\\(.)", r"\1", w) for w in re.findall(r"(?:\\.|[^\s\\])+", text)]
    settings: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        flag = "--" if word.startswith("--") else "-c "
        if word == "-c":
            word = next(rest, "")
        elif word.startswith("-c"):
            word = word[2:]
        elif word.startswith("--"):
            word = word[2:].replace("-", "_") if "=" not in word else word[2:]
        else:
            hint = 'Try "postgres --help" for more information.'
            raise SqlError("42601", f"invalid command-line argument for server process: {word}", hint=hint)
        name, equals, value = word.partition("=")
        if not equals:
            raise SqlError("42601", f"{flag}{word} requires a value")
        settings[name.replace("-", "_")] = value
    return settings
