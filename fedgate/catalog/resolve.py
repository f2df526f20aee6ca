"""Checked documents → the resolved objects of `model`: names looked up, types parsed, expressions bound, contradictions found.

Contract: `resolve` never raises for what a document says. A document that cannot be used is set aside as a Problem, and the tables
and views whose rows would be wrong without it stand in `unusable`, with the reason. All else is served.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from fedgate.catalog import oids, selectors
from fedgate.catalog.documents import Broken, Document, DocumentError
from fedgate.catalog.lost import EVERY
from fedgate.catalog.model import Group, Node, Placement, Problem
from fedgate.catalog.names import display, qualified
from fedgate.catalog.resolve_node import resolve_node
from fedgate.catalog.resolve_placement import resolve_placement
from fedgate.catalog.resolve_table import resolve_table
from fedgate.catalog.roles import Role, check_name, read_role, without_circles
from fedgate.errors import SqlError
from fedgate.schema import Table, View
from fedgate.wording import perhaps

Key = tuple[str, str]
Since = Callable[[str, str, str], float]


@dataclass(slots=True)
class Resolved:
    """Everything that a snapshot holds. Tables and views by (schema, name); placements by table, unordered."""

    nodes: dict[str, Node] = field(default_factory=dict)
    tables: dict[Key, Table] = field(default_factory=dict)
    views: dict[Key, View] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    guarded: bool = False
    placements: dict[Key, list[Placement]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unusable: dict[Key, str] = field(default_factory=dict)
    oids: dict[tuple[str, str, str], int] = field(default_factory=dict)


def key_of(name: str) -> Key:
    """(schema, name) of a table's or view's name as documents write it."""
    schema, _, relation = qualified(name).partition(".")
    return schema, relation


def resolve(documents: Iterable[Document], broken: Iterable[Broken], since: Since) -> Resolved:
    """Resolve a whole catalog. `since(kind, name, message)` says when a problem was first seen, seconds since 1970."""
    return _Resolver(list(documents), list(broken), since).run()


class _Resolver:
    def __init__(self, documents: list[Document], broken: list[Broken], since: Since) -> None:
        self.out = Resolved()
        self.since = since
        self.broken = broken
        self.repeated: list[Broken] = []
        self.lost_nodes: dict[str, str] = {}
        self.by_kind: dict[str, list[Document]] = defaultdict(list)
        for document in self._unique(documents):
            self.by_kind[document.kind].append(document)

    def run(self) -> Resolved:
        self.out.oids = oids.assign((d.kind, *key_of(d.name)) for kind in ("table", "view") for d in self.by_kind[kind])
        for item in self.broken:
            self._problem(item.kind or "file", item.name or str(item.file or ""), self._located(item))
            if item.kind in ("table", "view"):
                for name in item.tables:
                    self.out.unusable.setdefault(key_of(name), self._located(item))
        for kind, make in (("node", self._node), ("table", self._table), ("view", self._view), ("group", self._group)):
            for document in self.by_kind[kind]:
                self._try(document, make)
        self._check_groups()
        self._check_colocation()
        tried = [self._try(document, self._placement) for document in self.by_kind["placement"]]
        for item in (*self.broken, *self.repeated, *(error for error in tried if error is not None)):
            self._poison(item)
        self._check_copies()
        self._roles()
        return self.out

    # ------------------------------------------------------------------------------------------------ the kinds

    def _node(self, document: Document) -> None:
        self.out.nodes[document.name] = resolve_node(document)

    def _table(self, document: Document) -> None:
        key = key_of(document.name)
        self.out.tables[key] = resolve_table(document, self.out.oids[("table", *key)])

    def _view(self, document: Document) -> None:
        key = key_of(document.name)
        self.out.views[key] = View(*key, document.body["query"], self.out.oids[("view", *key)], (), document.body.get("comment"))

    def _group(self, document: Document) -> None:
        selector = document.body["selector"]
        other = selectors.group_name(selector)
        if other is None:
            selectors.parse(selector)
        elif not any(g.name == other for g in self.by_kind["group"]):
            raise _unknown("group", other, [g.name for g in self.by_kind["group"]], "selector")
        self.out.groups[document.name] = Group(document.name, selector, document.body.get("comment"))

    def _placement(self, document: Document) -> None:
        key = key_of(document.body["table"])
        table = self.out.tables.get(key)
        node = self.out.nodes.get(document.body["node"])
        if table is None:
            if key in self.out.unusable:
                raise DocumentError(f'table "{document.body["table"]}" cannot be used: {self.out.unusable[key]}', ("table",))
            raise _unknown("table", document.body["table"], [display("table", ".".join(k)) for k in self.out.tables], "table")
        if node is None:
            if document.body["node"] in self.lost_nodes:
                cause = self.lost_nodes[document.body["node"]]
                raise DocumentError(f'node "{document.body["node"]}" cannot be used: {cause}', ("node",))
            raise _unknown("node", document.body["node"], list(self.out.nodes), "node")
        self.out.placements.setdefault(key, []).append(resolve_placement(document, table, node))

    # ------------------------------------------------------------------------------------------------ contradictions

    def _unique(self, documents: list[Document]) -> list[Document]:
        """The documents whose identity is theirs alone; of a repeated one none is used, since nobody knows which is meant."""
        found: dict[tuple[str, str], list[Document]] = defaultdict(list)
        for document in documents:
            kind = "relation" if document.kind in ("table", "view") else document.kind
            found[(kind, document.name)].append(document)
        kept = []
        for same in found.values():
            if len(same) == 1:
                kept.append(same[0])
                continue
            for document in same:
                others = ", ".join(d.where() or d.kind for d in same if d is not document)
                what = f'{document.kind} "{display(document.kind, document.name)}"'
                error = DocumentError(f"{what} is written more than once, also at {others}")
                self.repeated.append(self._set_aside(document, error))
        return kept

    def _check_groups(self) -> None:
        """Groups that mean themselves, by way of others or not, mean no nodes: they are set aside."""
        endless = []
        for document in self.by_kind["group"]:
            way = [document.name]
            while (other := self._meant(way[-1])) is not None and other not in way:
                way.append(other)
            if other == document.name:
                endless.append((document, " → ".join([*way, other])))
        for document, text in endless:
            del self.out.groups[document.name]
            self._set_aside(document, DocumentError(f"the group means itself: {text}", ("selector",), "write terms: k=v"))

    def _meant(self, group: str) -> str | None:
        """The group that a group's selector names, if it names one."""
        found = self.out.groups.get(group)
        return selectors.group_name(found.selector) if found else None

    def _role(self, document: Document) -> None:
        check_name(document)
        others: dict[Key, View | str] = {**self.out.unusable, **self.out.views}
        names = frozenset(d.name for d in self.by_kind["role"])

        def complain(error: DocumentError) -> None:
            self._set_aside(document, error)

        self.out.roles[document.name] = read_role(document, names, self.out.tables, others, complain)

    def _roles(self) -> None:
        documents = {d.name: d for d in self.by_kind["role"]}
        self.out.guarded = bool(documents) or any(b.role or b.kind == "role" for b in (*self.broken, *self.repeated))
        for document in documents.values():
            self._try(document, self._role)

        def complain(name: str, error: DocumentError) -> None:
            self._set_aside(documents[name], error)

        self.out.roles = without_circles(self.out.roles, complain)

    def _check_colocation(self) -> None:
        for document in self.by_kind["table"]:
            table = self.out.tables.get(key_of(document.name))
            if table is None or table.colocated_with is None:
                continue
            other = self.out.tables.get(table.colocated_with)
            try:
                _check_colocated(table, other, [display("table", ".".join(k)) for k in self.out.tables])
            except DocumentError as error:
                del self.out.tables[(table.schema, table.name)]
                self._set_aside(document, error)

    def _check_copies(self) -> None:
        for key, table in self.out.tables.items():
            if table.replicated and not self.out.placements.get(key):
                self.out.unusable.setdefault(key, f'replicated table "{table.name}" has no placement')
                self._problem("table", ".".join(key), f'replicated table "{table.name}" has no placement')

    def _poison(self, lost: Broken) -> None:
        """Mark what would be answered wrongly without a lost document."""
        keys = list(self.out.tables) if lost.tables == EVERY else [key_of(t) for t in lost.tables]
        for key in keys:
            table = self.out.tables.get(key)
            if lost.kind in ("table", "view") or table is None:
                self.out.unusable.setdefault(key, self._located(lost))
                continue
            placements = self.out.placements.get(key, [])
            covered = bool(placements) if table.replicated else any(p.shard == lost.shard for p in placements)
            if not covered:
                known = lost.kind == "placement" and lost.tables != EVERY
                what = "a placement cannot be used" if known else "a placement may be lost"
                self.out.unusable.setdefault(key, f"{what}: {self._located(lost)}")

    # ------------------------------------------------------------------------------------------------ problems

    def _try(self, document: Document, make: Callable[[Document], None]) -> Broken | None:
        try:
            make(document)
        except (DocumentError, SqlError) as error:
            return self._set_aside(document, error)
        return None

    def _set_aside(self, document: Document, error: DocumentError | SqlError) -> Broken:
        path = error.path if isinstance(error, DocumentError) else ()
        message = error.message + (f" ({error.hint})" if error.hint else "")
        tables: tuple[str, ...] = ()
        if document.kind in ("table", "view"):
            tables = (document.name,)
        elif document.kind == "placement":
            tables = (qualified(document.body["table"]),)
        where = document.where(path)
        text = f"{where}: {message}" if where else message
        shard = document.body.get("shard", document.body["node"]) if document.kind == "placement" else None
        item = Broken(document.kind, document.name, text, None, 0, tables, shard)
        self._problem(document.kind, document.name, text)
        if document.kind in ("table", "view"):
            self.out.unusable.setdefault(key_of(document.name), text)
        return item

    def _problem(self, kind: str, name: str, message: str) -> None:
        if kind == "node":
            self.lost_nodes.setdefault(name, message)
        shown = display(kind, name)
        self.out.problems.append(Problem(kind, shown, message, self.since(kind, shown, message)))

    @staticmethod
    def _located(item: Broken) -> str:
        return f"{item.file}:{item.line}: {item.message}" if item.file else item.message


def _unknown(kind: str, name: str, names: list[str], path: str) -> DocumentError:
    return DocumentError(f'there is no {kind} "{name}"', (path,), perhaps(name, names))


def _check_colocated(table: Table, other: Table | None, names: list[str]) -> None:
    assert table.colocated_with is not None
    if other is table:
        raise DocumentError("a table is not co-located with itself", ("colocated_with",), "name the other table")
    if other is None:
        raise _unknown("table", display("table", ".".join(table.colocated_with)), names, "colocated_with")
    mine, theirs = (_key_types(t) for t in (table, other))
    if not mine or mine != theirs:
        raise DocumentError(
            f'co-located tables need a shard_key of the same types: "{table.name}" has ({", ".join(mine)}), '
            f'"{other.name}" has ({", ".join(theirs)})',
            ("colocated_with",),
        )


def _key_types(table: Table) -> list[str]:
    types: Mapping[str, str] = {c.name: str(c.type) for c in table.columns}
    return [types[name] for name in table.shard_key]
