"""What can be set: the table of settings, and the rules for their values. Sessions hold them, documents may give them."""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.settings import values
from fedgate.settings.table import SETTINGS, Setting
from fedgate.wording import perhaps_hint

OWN = "fedgate."


def named(name: str) -> Setting | None:
    """The setting of that name, in any case; None for a placeholder of a client's own (`app.user`). Raises SqlError 42704."""
    key = name.lower()
    key = "timezone" if key == "time zone" else key
    if key in SETTINGS:
        return SETTINGS[key]
    if "." in key and not key.startswith(OWN):
        return None
    raise SqlError("42704", f'unrecognized configuration parameter "{name}"', hint=perhaps_hint(key, SETTINGS))


def check(name: str, text: str) -> None:
    """Whether a session could be given the value. Raises SqlError 42704, 55P02, 22023."""
    setting = named(name)
    if setting is None:
        return
    if setting.fixed:
        raise cannot_change(setting)
    values.canonical(setting, text, setting.default)


def cannot_change(setting: Setting) -> SqlError:
    return SqlError("55P02", f'parameter "{values.shown_name(setting.name)}" cannot be changed')
