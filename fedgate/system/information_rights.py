"""Rows of information_schema for roles and rights: what may be seen may be read, and nothing else.

Source: https://www.postgresql.org/docs/15/infoschema-table-privileges.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fedgate.catalog.roles import memberships
from fedgate.system.build import Row, Rows
from fedgate.system.facts import DATABASE, OWNER, Facts
from fedgate.system.objects import Relation, Shown


def _right(relation: Relation, facts: Facts) -> dict[str, Any]:
    return {
        "grantor": OWNER,
        "grantee": facts.user,
        "table_catalog": DATABASE,
        "table_schema": relation.schema,
        "table_name": relation.name,
        "privilege_type": "SELECT",
        "is_grantable": "NO",
    }


def table_privileges(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        yield {**_right(relation, facts), "with_hierarchy": "YES"}


def column_privileges(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        for column in relation.columns:
            yield {**_right(relation, facts), "column_name": column.name}


def enabled_roles(shown: Shown, facts: Facts) -> Iterator[Row]:
    for name in memberships(shown.snapshot.roles, facts.user) or (facts.user,):
        yield {"role_name": name}


def applicable_roles(shown: Shown, facts: Facts) -> Iterator[Row]:
    roles = shown.snapshot.roles
    for name in memberships(roles, facts.user):
        for other in roles[name].member_of:
            yield {"grantee": name, "role_name": other, "is_grantable": "NO"}


ROWS: Final[dict[str, Rows]] = {
    "table_privileges": table_privileges,
    "role_table_grants": table_privileges,
    "column_privileges": column_privileges,
    "role_column_grants": column_privileges,
    "enabled_roles": enabled_roles,
    "applicable_roles": applicable_roles,
    "administrable_role_authorizations": lambda shown, facts: iter(()),
}
