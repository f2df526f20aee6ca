"""Overload resolution for functions and operators.

Source: https://www.postgresql.org/docs/15/typeconv-func.html and typeconv-oper.html. Both narrow a list of candidates the same way;
a candidate is a signature as this call would use it (variadic expanded, defaults counted).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fedgate.sql import tables
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.coerce import can_coerce


@dataclass(frozen=True, slots=True)
class Candidate:
    """One signature. `order[i]` is the place of written argument i among the declared ones (named arguments move)."""

    row: tables.FunctionRow | tables.OperatorRow
    args: tuple[int, ...]
    variadic: int = 0
    defaults: int = 0
    order: tuple[int, ...] | None = None


class AmbiguousError(Exception):
    """Several candidates are equally good."""


@lru_cache(maxsize=2048)
def choose(types: tuple[int, ...], candidates: tuple[Candidate, ...]) -> Candidate | None:
    """The candidate for argument types `types`; None when none accepts them. Raises AmbiguousError."""
    able = [c for c in candidates if can_coerce(types, c.args, "i")]
    if len(able) <= 1:
        return able[0] if able else None
    chosen = _narrow(types, able)
    if chosen is None:
        raise AmbiguousError
    return chosen


def _narrow(types: Sequence[int], candidates: list[Candidate]) -> Candidate | None:
    known = [i for i, oid in enumerate(types) if oid != t.UNKNOWN]
    candidates = _best(candidates, lambda c: sum(c.args[i] == types[i] for i in known))
    if len(candidates) == 1:
        return candidates[0]
    categories = [t.category(oid) for oid in types]
    candidates = _best(candidates, lambda c: sum(c.args[i] == types[i] or _prefers(c.args[i], categories[i]) for i in known))
    if len(candidates) == 1:
        return candidates[0]
    unknown = [i for i, oid in enumerate(types) if oid == t.UNKNOWN]
    if not unknown:
        return None
    candidates = _by_unknown_categories(candidates, unknown)
    if len(candidates) == 1:
        return candidates[0]
    return _by_common_known(types, candidates, known)


def _prefers(oid: int, category: str) -> bool:
    row = tables.types().get(oid)
    return row is not None and row.preferred and row.category == category


def _best(candidates: list[Candidate], score: object) -> list[Candidate]:
    scores = [score(c) for c in candidates]  # type: ignore[operator]
    top = max(scores)
    return [c for c, s in zip(candidates, scores, strict=True) if s == top]


def _by_unknown_categories(candidates: list[Candidate], unknown: list[int]) -> list[Candidate]:
    """Unknown arguments are taken as strings if any candidate takes a string there, else as the one category that all take."""
    wanted: list[tuple[int, str, bool]] = []
    for i in unknown:
        found = [(t.category(c.args[i]), t.preferred(c.args[i])) for c in candidates]
        names = {name for name, _ in found}
        if "S" not in names and len(names) > 1:
            return candidates
        name = "S" if "S" in names else found[0][0]
        wanted.append((i, name, any(pref for n, pref in found if n == name)))
    kept = [
        c
        for c in candidates
        if all(t.category(c.args[i]) == name and (not pref or t.preferred(c.args[i])) for i, name, pref in wanted)
    ]
    return kept or candidates


def _by_common_known(types: Sequence[int], candidates: list[Candidate], known: list[int]) -> Candidate | None:
    """When all known arguments have one type, unknown ones are assumed to have it too."""
    oids = {types[i] for i in known}
    if len(oids) != 1:
        return None
    (oid,) = oids
    assumed = [oid] * len(types)
    able = [c for c in candidates if can_coerce(assumed, c.args, "i")]
    return able[0] if len(able) == 1 else None


@lru_cache(maxsize=2048)
def operator(name: str, left: int, right: int) -> tables.OperatorRow | None:
    """The operator for these operand types; `left` 0 is a prefix operator. None if there is none. Raises AmbiguousError."""
    rows = tables.operators(name)
    if left == 0:
        rows = tuple(r for r in rows if r.left == 0)
        exact = next((r for r in rows if r.right == right), None)
        chosen = choose((right,), tuple(Candidate(r, (r.right,)) for r in rows)) if exact is None else None
    else:
        rows = tuple(r for r in rows if r.left != 0)
        one, two = (right if left == t.UNKNOWN else left), (left if right == t.UNKNOWN else right)
        exact = next((r for r in rows if r.left == one and r.right == two), None)
        chosen = choose((left, right), tuple(Candidate(r, (r.left, r.right)) for r in rows)) if exact is None else None
    if exact is not None:
        return exact
    if chosen is None:
        return None
    assert isinstance(chosen.row, tables.OperatorRow)
    return chosen.row


@lru_cache(maxsize=1024)
def function_candidates(name: str, count: int, names: tuple[str, ...], expand: bool) -> tuple[Candidate, ...]:
    """The signatures that a call with `count` arguments, the last ones named `names`, can mean.

    `expand`: variadic functions may take their elements one by one (not when VARIADIC is written).
    """
    found: dict[tuple[int, ...], Candidate] = {}
    for row in tables.functions(name):
        if row.kind == "p":
            continue
        candidate = _named(row, count, names) if names else _positional(row, count, expand=expand)
        if candidate is None:
            continue
        other = found.get(candidate.args)
        if other is None or (other.variadic and not candidate.variadic) or (other.defaults and not candidate.defaults):
            found[candidate.args] = candidate
    return tuple(found.values())


def _positional(row: tables.FunctionRow, count: int, *, expand: bool) -> Candidate | None:
    declared = len(row.args)
    if expand and row.variadic and declared <= count:
        return Candidate(row, row.args[:-1] + (row.variadic,) * (count - declared + 1), variadic=count - declared + 1)
    if count == declared:
        return Candidate(row, row.args)
    if count < declared <= count + len(row.defaults):
        return Candidate(row, row.args[:count], defaults=declared - count)
    return None


def _named(row: tables.FunctionRow, count: int, names: Sequence[str]) -> Candidate | None:
    declared = len(row.args)
    if not row.arg_names or not count <= declared <= count + len(row.defaults):
        return None
    positional = count - len(names)
    order = list(range(positional))
    for name in names:
        if name not in row.arg_names:
            return None
        place = row.arg_names.index(name)
        if place in order:
            return None
        order.append(place)
    missing = set(range(declared)) - set(order)
    if any(place < declared - len(row.defaults) for place in missing):
        return None
    return Candidate(row, tuple(row.args[i] for i in order), defaults=len(missing), order=tuple(order))
