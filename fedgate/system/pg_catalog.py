"""Rows of pg_catalog that tell of the server: databases, roles, settings, what the session has open. Relations: `pg_classes`.

A relation that is nowhere here has its static rows, or none.
Source of the columns' meanings: https://www.postgresql.org/docs/15/catalogs.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from fedgate.system import pg_activity, pg_classes, pg_statistics, pg_timezones, pg_views
from fedgate.system.build import Row, Rows, static_rows
from fedgate.system.facts import DATABASE, OWNER, Facts
from fedgate.system.objects import OWNER_OID, Shown, role_oid

_UTF8 = 6
_DATABASE_OID = 5


def pg_database(shown: Shown, facts: Facts) -> Iterator[Row]:
    yield {
        "oid": _DATABASE_OID,
        "datname": DATABASE,
        "datdba": OWNER_OID,
        "encoding": _UTF8,
        "datlocprovider": "c",
        "datallowconn": True,
        "datconnlimit": -1,
        "dattablespace": 1663,
        "datcollate": "C.UTF-8",
        "datctype": "C.UTF-8",
    }


_RIGHTS: Final = dict.fromkeys(("rolsuper", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication", "rolbypassrls"), False)


def _roles(shown: Shown, facts: Facts) -> Iterator[dict[str, object]]:
    """The catalog's roles; without any, the one that is there, and whoever asks."""
    yield {"rolname": OWNER, "oid": OWNER_OID, **_RIGHTS, **dict.fromkeys(_RIGHTS, True)}
    roles = shown.snapshot.roles
    if not roles and facts.user != OWNER:
        yield {"rolname": facts.user, "oid": role_oid(facts.user), **_RIGHTS, "rolcanlogin": True}
    for name, role in sorted(roles.items()):
        valid = None if role.valid_until is None else datetime.fromtimestamp(role.valid_until, UTC)
        yield {
            "rolname": name,
            "oid": role_oid(name),
            **_RIGHTS,
            "rolsuper": role.admin,
            "rolcanlogin": role.verifier is not None,
            "rolconnlimit": role.connection_limit,
            "rolvaliduntil": valid,
        }


def pg_authid(shown: Shown, facts: Facts) -> Iterator[Row]:
    for role in _roles(shown, facts):
        yield {"rolinherit": True, "rolconnlimit": -1, **role}


def pg_auth_members(shown: Shown, facts: Facts) -> Iterator[Row]:
    roles = shown.snapshot.roles
    for name, role in sorted(roles.items()):
        for other in role.member_of:
            yield {"roleid": role_oid(other), "member": role_oid(name), "grantor": OWNER_OID}


def pg_roles(shown: Shown, facts: Facts) -> Iterator[Row]:
    for row in (*pg_authid(shown, facts), *static_rows("pg_authid")):
        yield {**row, "rolpassword": "********"}


def pg_user(shown: Shown, facts: Facts) -> Iterator[Row]:
    for row in pg_shadow(shown, facts):
        yield {**row, "passwd": "********"}


def pg_shadow(shown: Shown, facts: Facts) -> Iterator[Row]:
    for role in _roles(shown, facts):
        if role.get("rolcanlogin") or role["rolname"] == OWNER:
            yield {
                "usename": role["rolname"],
                "usesysid": role["oid"],
                "usecreatedb": role.get("rolcreatedb", False),
                "usesuper": role.get("rolsuper", False),
                "userepl": role.get("rolreplication", False),
                "usebypassrls": role.get("rolbypassrls", False),
                "valuntil": role.get("rolvaliduntil"),
            }


def pg_group(shown: Shown, facts: Facts) -> Iterator[Row]:
    members: dict[str, list[int]] = {}
    for name, role in shown.snapshot.roles.items():
        for other in role.member_of:
            members.setdefault(other, []).append(role_oid(name))
    for row in _roles(shown, facts):
        if not row.get("rolcanlogin") and row["rolname"] != OWNER:
            yield {"groname": row["rolname"], "grosysid": row["oid"], "grolist": sorted(members.get(str(row["rolname"]), []))}


def pg_settings(shown: Shown, facts: Facts) -> Iterator[Row]:
    for setting in facts.settings():
        yield {
            "name": setting.name,
            "setting": setting.value,
            "unit": setting.unit,
            "category": "fedgate" if setting.name.startswith("fedgate.") else "Client Connection Defaults",
            "short_desc": setting.about,
            "context": "internal" if setting.fixed else "user",
            "vartype": setting.vartype,
            "source": "default" if setting.value == setting.default else "session",
            "min_val": setting.minimum,
            "max_val": setting.maximum,
            "enumvals": list(setting.choices) if setting.choices else None,
            "boot_val": setting.default,
            "reset_val": setting.default,
            "pending_restart": False,
        }


def pg_prepared_statements(shown: Shown, facts: Facts) -> Iterator[Row]:
    for found in facts.prepared():
        yield {
            "name": found.name,
            "statement": found.statement,
            "prepare_time": found.prepared_us,
            "parameter_types": list(found.types),
            "from_sql": found.from_sql,
        }


def pg_cursors(shown: Shown, facts: Facts) -> Iterator[Row]:
    for found in facts.cursors():
        yield {
            "name": found.name,
            "statement": found.statement,
            "is_holdable": found.holdable,
            "is_binary": found.binary,
            "is_scrollable": False,
            "creation_time": found.created_us,
        }


ROWS: Final[dict[str, Rows]] = {
    **pg_classes.ROWS,
    **pg_views.ROWS,
    **pg_statistics.ROWS,
    **pg_activity.ROWS,
    **pg_timezones.ROWS,
    **{
        rows.__name__: rows
        for rows in (
            *(pg_database, pg_roles, pg_authid, pg_auth_members, pg_user, pg_shadow, pg_group),
            *(pg_settings, pg_prepared_statements, pg_cursors),
        )
    },
}
LIVE: Final = frozenset(
    (
        *("pg_roles", "pg_authid", "pg_auth_members", "pg_user", "pg_shadow", "pg_group"),
        *("pg_settings", "pg_prepared_statements", "pg_cursors"),
        *pg_activity.ROWS,
        *pg_timezones.ROWS,
    )
)
"""Those that depend on more than what is shown, and are made anew for each statement."""
