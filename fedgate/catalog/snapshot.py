"""Snapshot: the catalog at one revision. Immutable; every statement is planned on exactly one.

Contract: it answers the binder's `Relations`, gives each table's shards in shard-name order with their placements in order of
priority, and knows which nodes a selector means. Two gateways that read the same documents have equal snapshots, OIDs included.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from fedgate import limits
from fedgate.cache import Cache
from fedgate.catalog import selectors
from fedgate.catalog.documents import Broken, Document, DocumentError, from_dict
from fedgate.catalog.lost import claims
from fedgate.catalog.model import Group, Node, Placement, Problem, Shard
from fedgate.catalog.resolve import Key, Resolved, resolve
from fedgate.catalog.roles import Role, granted, memberships
from fedgate.catalog.visible import visible
from fedgate.errors import SqlError
from fedgate.schema import Table, View
from fedgate.sql.tree import conjunction, conjuncts
from fedgate.wording import nearest, perhaps_hint

_GROUPS_NESTED_MAX: Final = 10


class Snapshot:
    """One revision of the catalog. Build it with `build`; attributes are read-only.

    `whole` is None, or the snapshot that this one shows a role's part of (`seen_by`).
    """

    def __init__(self, revision: str, resolved: Resolved, now: float, whole: Snapshot | None = None) -> None:
        self.revision: Final = revision
        self.nodes: Final[Mapping[str, Node]] = MappingProxyType(resolved.nodes)
        self.tables: Final[Mapping[Key, Table]] = MappingProxyType(resolved.tables)
        self.groups: Final[Mapping[str, Group]] = MappingProxyType(resolved.groups)
        self.roles: Final[Mapping[str, Role]] = MappingProxyType(resolved.roles)
        self.guarded: Final = resolved.guarded
        """Whether only roles may come in: some document is a role, be it usable or not."""
        self.unusable: Final[Mapping[Key, str]] = MappingProxyType(resolved.unusable)
        self._views = resolved.views
        self._problems = tuple(resolved.problems)
        self._now = now
        self.whole: Final = whole
        self._shards: Mapping[Key, tuple[Shard, ...]] = (
            whole._shards if whole else {key: _shards(resolved.placements.get(key, [])) for key in resolved.tables}
        )
        self._schemas = frozenset({"public", *(key[0] for key in (*resolved.tables, *resolved.views, *resolved.unusable))})
        self._lock = threading.Lock()
        self._bound: Mapping[Key, View] | None = MappingProxyType(resolved.views) if whole else None
        self._view_problems: tuple[Problem, ...] = ()
        self._seen: Cache[Snapshot] = Cache(limits.ROLE_VIEWS_MAX)

    @classmethod
    def build(
        cls,
        documents: Iterable[Document | Mapping[str, Any]],
        broken: Iterable[Broken] = (),
        *,
        revision: str = "",
        now: float = 0.0,
        previous: Snapshot | None = None,
    ) -> Snapshot:
        """A snapshot of documents (checked ones, or mappings as a file would hold them).

        What cannot be used becomes a problem, since `now` or since the moment that `previous` says. Never raises for documents.
        """
        known = {(p.kind, p.name, p.message): p.since for p in previous.problems} if previous else {}
        usable: list[Document] = []
        unusable = list(broken)
        for item in documents:
            try:
                usable.append(item if isinstance(item, Document) else from_dict(item))
            except DocumentError as error:
                assert isinstance(item, Mapping)
                lost = claims(item, "")
                unusable.append(Broken(lost.kind, lost.name, error.message, tables=lost.tables, shard=lost.shard, role=lost.role))
        resolved = resolve(usable, unusable, lambda *what: known.get(what, now))
        return cls(revision, resolved, now)

    # ------------------------------------------------------------------------------------------------ views, problems

    @property
    def views(self) -> Mapping[Key, View]:
        """The views by (schema, name), with their columns; a view that does not bind has none and is a problem."""
        if self._bound is None:
            with self._lock:
                if self._bound is None:
                    self._bind_views()
        assert self._bound is not None
        return self._bound

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was set aside, views that do not bind included."""
        _ = self.views
        return self._problems + self._view_problems

    def _bind_views(self) -> None:
        bound: dict[Key, View] = {}
        problems = []
        for key, view in self._views.items():
            from fedgate.catalog.expressions import view_columns  # the binder is heavy; catalogs without SQL do without it

            try:
                bound[key] = replace(view, columns=view_columns(view.query, self))
            except (SqlError, RecursionError) as error:
                message = error.message if isinstance(error, SqlError) else "the view is nested too deeply"
                problems.append(Problem("view", _shown(key), message, self._now))
                bound[key] = view
        self._view_problems = tuple(problems)
        self._bound = MappingProxyType(bound)

    # ------------------------------------------------------------------------------------------------ roles

    def may_see_all(self, user: str) -> bool:
        """Whether nothing is kept from a user: an administrator, or anybody while no document is a role."""
        role = self.roles.get(user)
        return not self.guarded or (role is not None and role.admin)

    def seen_by(self, user: str) -> Snapshot:
        """What a user sees of it: of a name that is no role, or no longer, nothing."""
        return self if self.may_see_all(user) else self._seen.get(user, None, lambda: self._part(user))

    def _part(self, user: str) -> Snapshot:
        grants = tuple(dict.fromkeys(granted(self.roles, user)))
        return Snapshot(self.revision, visible(self, memberships(self.roles, user), grants), self._now, self)

    # ------------------------------------------------------------------------------------------------ Relations

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        """As `schema.Relations` says."""
        for candidate in (schema,) if schema is not None else search_path:
            key = (candidate, name)
            if (reason := self.unusable.get(key)) is not None:
                raise SqlError(
                    "55000",
                    f'relation "{_shown(key)}" cannot be used: {reason}',
                    hint="Mend the document, or take its file away. See fedgate.problems, or fedgate catalog validate.",
                )
            found = self.tables.get(key) or self._views.get(key)
            if found is not None:
                return found
            if self.whole is not None and self.whole.has(key):
                raise SqlError("42501", f"permission denied for {self.whole.kind_of(key)} {name}")
        return None

    def has(self, key: Key) -> bool:
        """Whether there is a relation of that name, usable or not."""
        return key in self.tables or key in self._views or key in self.unusable

    def kind_of(self, key: Key) -> str:
        return "view" if key in self._views else "table"

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        """The nearest existing name, as the statement would have to write it."""
        keys = (*self.tables, *self._views)
        if schema is not None:
            return nearest(f"{schema}.{name}", (".".join(k) for k in keys))
        near = nearest(name, (k[1] for k in keys if k[0] in search_path))
        return near or next((".".join(k) for k in keys if k[1] == name), None)

    def schema_exists(self, schema: str) -> bool:
        return schema in self._schemas

    @property
    def schemas(self) -> frozenset[str]:
        """Schemas of virtual tables and views; `public` is always there."""
        return self._schemas

    # ------------------------------------------------------------------------------------------------ shards, selectors

    def shards(self, table: Table) -> tuple[Shard, ...]:
        """The table's shards in shard-name order; of a replicated table one shard, `all`."""
        return self._shards[(table.schema, table.name)]

    def matches(self, node: Node, selector: str) -> bool:
        """Whether the selector (terms, or a group's name) means the node; "" means every node. Raises SqlError 22023."""
        return all(term.holds(node.labels) for term in self._terms(selector))

    def check_selector(self, selector: str) -> None:
        """Whether nodes can be chosen by it. Raises SqlError 22023."""
        self._terms(selector)

    def _terms(self, selector: str) -> tuple[selectors.Term, ...]:
        """The terms that a selector comes to, by way of groups."""
        for _ in range(_GROUPS_NESTED_MAX):
            if not selector.strip():
                return ()
            name = selectors.group_name(selector)
            if name is None:
                return selectors.parse(selector)
            group = self.groups.get(name)
            if group is None:
                hint = perhaps_hint(name, self.groups) or "Write key=value, or the name of a group."
                raise SqlError("22023", f'there is no group "{name}"', hint=hint)
            selector = group.selector
        raise SqlError("22023", f"groups are nested more than {_GROUPS_NESTED_MAX} deep")


def _shown(key: Key) -> str:
    return key[1] if key[0] == "public" else ".".join(key)


def _shards(placements: list[Placement]) -> tuple[Shard, ...]:
    by_name: dict[str, list[Placement]] = {}
    for placement in sorted(placements, key=lambda p: (p.shard, p.priority, p.node.name)):
        by_name.setdefault(placement.shard, []).append(placement)
    return tuple(
        Shard(name, same[0].node.name, tuple(same), conjunction(tuple(c for p in same for c in conjuncts(p.check))))
        for name, same in by_name.items()
    )
