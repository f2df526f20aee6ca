"""Whose rights a session has: its user's, or those of the role that SET ROLE named.

Contract: rights are those of the catalog as it is now, so they change with it. A session that came in while anybody could has none
once a document is a role, since nobody knows whose it is: 28000. An operator's session, which never comes over the wire, has all.
Source: https://www.postgresql.org/docs/15/sql-set-role.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fedgate.catalog.roles import Role, memberships
from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError

NONE = "none"
"""What the setting `role` is while the user has its own rights."""
_log = logging.getLogger("fedgate.roles")


class CatalogSource(Protocol):
    """Where the current snapshot comes from: a store that watches, or a fixed one in tests."""

    def snapshot(self) -> Snapshot: ...


@dataclass(frozen=True, slots=True)
class Rights:
    """`chosen` gives the value of the setting `role`; `by_role`: whether the session's user has been a role from its beginning."""

    catalog: CatalogSource
    user: str
    operator: bool
    by_role: bool
    chosen: Callable[[], str]

    @property
    def current_user(self) -> str:
        """Whose rights count."""
        role = self.chosen()
        return role if self._count and role != NONE else self.user

    @property
    def role(self) -> Role | None:
        """The role whose rights count; None while the catalog has none, or no longer has this one; None of an operator's."""
        return self.catalog.snapshot().roles.get(self.current_user)

    @property
    def sees_all(self) -> bool:
        """Whether nothing is kept from the session."""
        return self.operator or self.catalog.snapshot().may_see_all(self.current_user)

    @property
    def snapshot(self) -> Snapshot:
        """The catalog as the session may see it."""
        snapshot = self.catalog.snapshot()
        return snapshot if self.operator else snapshot.seen_by(self.current_user)

    def check_role(self, name: str) -> None:
        """Whether SET ROLE may name it: a role that the user is a member of, any for administrators. Raises 22023, 42501."""
        if name == NONE or not self._count:
            return
        roles = self.catalog.snapshot().roles
        if name in memberships(roles, self.user):
            return
        mine = roles.get(self.user)
        if mine is None or not mine.admin:
            raise SqlError("42501", f'permission denied to set role "{name}"')
        if name not in roles:
            raise SqlError("22023", f'role "{name}" does not exist')

    def settings(self) -> Mapping[str, str]:
        """What the user's role says settings begin with. As in PostgreSQL, a role that it may not be is no reason to stay out."""
        role = self.catalog.snapshot().roles.get(self.user)
        written = {} if role is None else {name.lower(): text for name, text in role.settings.items()}
        try:
            self.check_role(written.get("role", NONE))
        except SqlError as error:
            _log.warning('setting "role" of role %s is ignored: %s', ascii(self.user), error.message)
            del written["role"]
        return written

    @property
    def _count(self) -> bool:
        """Whether there are rights at all. Raises 28000."""
        if self.operator or not self.catalog.snapshot().guarded:
            return False
        if not self.by_role:
            raise SqlError("28000", "the catalog has roles now, and this session has not logged in as one", hint="Connect again.")
        return True
