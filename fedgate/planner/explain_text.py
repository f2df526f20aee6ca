"""EXPLAIN's text: what `explain.describe` gave, as lines that a terminal shows whole.

Contract: what is wrong comes first (errors, nodes that are not reached, nodes that send more than the exchange asks for), then what
is as it should be; the same is said once for all nodes of which it is true. VERBOSE names everything, plain text says how many more
there are.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from fedgate.planner.layout import INDENT, WIDTH_MIN, milliseconds, size, sql_lines
from fedgate.wording import LISTED_MAX, counted, listed

LINE_MAX: Final = 116
"""A line's characters: psql adds two, and pads every line to the longest."""
REASONS_MAX: Final = 5
"""So many reasons for pruning are told; FORMAT JSON has all."""
FRAGMENTS_MAX: Final = 20
"""So many fragments of a run have a line each; of more, those that went wrong and the slowest do. VERBOSE shows all."""
SLOWEST_MAX: Final = 5
SQL_CHARACTERS_MAX: Final = 8_000
"""So much of one statement is shown; FORMAT JSON has it whole."""

_TITLES: Final = {"concat": "Stream", "ordered": "Ordered stream", "none": "Merge"}
_RANKS: Final = {"error": 0, "superset": 2, "whole": 3}

Item = Mapping[str, Any]


def lines(found: Item) -> list[str]:
    """EXPLAIN as text; it is VERBOSE where `describe` was."""
    verbose = "rules" in found
    return [*plan_lines(found), *_executed_lines(found.get("executed"), _told(found), verbose=verbose)]


def _told(plan: Item) -> set[tuple[str, str]]:
    """(table, shard) of what the plan itself says is left out."""
    found = {
        (exchange["tables"][0], shard)
        for exchange in plan["exchanges"]
        for shard in (*(p["shard"] for p in exchange.get("pruned", ())), *exchange.get("outside_selector", ()))
    }
    return found.union(*(_told(prelude["plan"]) for prelude in plan.get("preludes", ())))


def plan_lines(plan: Item, indent: int = 0) -> list[str]:
    """The plan's part of it."""
    verbose = "rules" in plan
    found = _titled(_TITLES[plan["streams"]], plan["final"], indent)
    for prelude in plan.get("preludes", ()):
        if "value" in prelude:
            found.append(f"{' ' * (indent + INDENT)}Value ${prelude['name']} = {prelude['value']}")
            continue
        of = f" of {prelude['of']}, about {counted(prelude['estimated_rows'], 'row')}" if "of" in prelude else ""
        if "members" in prelude:
            of += f" of {counted(len(prelude['members']), 'value')}: {_some(prelude['members'])}"
        found += _wrapped(f"Prelude ${prelude['name']} {prelude['kind']}{of}", indent + INDENT)
        found += plan_lines(prelude["plan"], indent + 2 * INDENT)
    for exchange in plan["exchanges"]:
        found += _exchange_lines(exchange, indent + INDENT, verbose=verbose)
    for rule in plan.get("rules", ()):
        said = "fired" if rule["fired"] else "did not fire"
        found += _wrapped(f"Rule {rule['rule']} {said}: {rule['reason']}", indent + INDENT)
    return found


def _titled(title: str, sql: str, indent: int) -> list[str]:
    """A title and SQL, on one line if there is room."""
    line = f"{' ' * indent}{title}  {sql}"
    return [line] if len(line) <= LINE_MAX else [" " * indent + title, *_sql(sql, indent + INDENT)]


def _exchange_lines(exchange: Item, indent: int, *, verbose: bool) -> list[str]:
    head = f"Exchange {exchange['name']} {exchange['kind']} on {', '.join(exchange['tables'])}"
    if "shards" in exchange:
        asked = exchange["shards"] - len(exchange["pruned"]) - len(exchange.get("outside_selector", ()))
        head += f"  shards {asked} of {exchange['shards']}"
    inner = indent + INDENT
    found = [*_wrapped(head, indent), *_sql(exchange["select"], inner)]
    found += _pruned_lines(exchange.get("pruned", ()), inner, verbose=verbose)
    if "outside_selector" in exchange:
        names = _some(exchange["outside_selector"], all_=verbose)
        found += _wrapped(f"outside fedgate.node_selector: {names}", inner)
    for note in exchange.get("notes", ()):
        found += _wrapped(note, inner)
    nodes = sorted(exchange.get("nodes", ()), key=_rank)
    for group in _groups(nodes, lambda n: (n["how"], n["engine"], n.get("state"), n.get("notes"), n.get("sql"))):
        found += _node_lines(group, inner, verbose=verbose)
    return found


def _pruned_lines(pruned: Sequence[Item], indent: int, *, verbose: bool) -> list[str]:
    groups = _groups(pruned, lambda p: p["reason"])
    told = groups if len(groups) <= REASONS_MAX else groups[: REASONS_MAX - 1]
    found = []
    for group in told:
        found += _wrapped(f"pruned {_some([p['shard'] for p in group], all_=verbose)}: {group[0]['reason']}", indent)
    rest = [p["shard"] for group in groups[len(told) :] for p in group]
    return [*found, *_wrapped(f"pruned for reasons like these: {_some(rest, all_=verbose)}", indent)] if rest else found


# ---------------------------------------------------------------------------------------------------- nodes


def _rank(node: Item) -> int:
    """What is wrong comes first; sorting by it keeps the shards' order."""
    rank = _RANKS[node["how"]]
    return min(rank, 1) if "state" in node else rank


def _node_lines(group: Sequence[Item], indent: int, *, verbose: bool) -> list[str]:
    """What is true of all nodes of a group."""
    first = group[0]
    names = list(dict.fromkeys(_place(n) for n in group))
    nodes = len({n["node"] for n in group})
    head = f"{counted(nodes, 'node')} {first['engine']} {first['how']}" if first["node"] else "no node"
    state = f", {first['state']} when last asked" if "state" in first else ""
    found = _wrapped(f"{head}{state}: {_some(names, all_=verbose)}", indent)
    if first.get("notes"):
        reason = "; ".join(first["notes"])
        found += _wrapped(f"the rest at the gateway: {reason}" if first["how"] == "superset" else reason, indent + INDENT)
    if "state" in first:
        for node in group if verbose else group[:LISTED_MAX]:
            then = f"; then {_some(node['replicas'])}" if "replicas" in node else ""
            found += _wrapped(f"{node['error']}{then}", indent + INDENT)
    for sql in first.get("sql", ()):
        found += _sql(sql, indent + INDENT)
    return found


def _place(item: Item) -> str:
    """The shard by its node where they are called alike."""
    if item["node"] is None:
        return f"shard {item['shard']}"
    if item["shard"] in (item["node"], "all"):
        others = item.get("replicas", ()) if item["shard"] == "all" else ()
        return " or ".join([item["node"], *others]) if len(others) < LISTED_MAX else f"{item['node']} or {len(others)} others"
    return f"shard {item['shard']} at {item['node']}"


# ---------------------------------------------------------------------------------------------------- a run


def _executed_lines(executed: Item | None, told: set[tuple[str, str]], *, verbose: bool) -> list[str]:
    """`told`: (table, shard) of what need not be said again to have been left out."""
    if executed is None:
        return []
    total, nodes, merge = (executed[f"{k}milliseconds"] for k in ("", "nodes_", "merge_"))
    split = f": nodes {milliseconds(nodes)}, merge {milliseconds(merge)}" if executed["fragments"] else ""
    found = [f"Executed: {counted(executed['rows'], 'row')} in {milliseconds(total)}{split}"]
    found += [f"{' ' * INDENT}${keys['name']}: {_keys(keys)}" for keys in executed["keys"]]
    fragments = executed["fragments"]
    late = [p for p in executed["pruned"] if (p["table"], p["shard"]) not in told]
    for same in _groups(late, lambda p: p["table"]):
        found += [f"{' ' * INDENT}{line}" for line in _pruned_lines(same, 0, verbose=verbose)]
    shown = fragments if verbose or len(fragments) <= FRAGMENTS_MAX else _telling(fragments)
    several = len({f["exchange"] for f in fragments}) > 1
    for fragment in shown:
        found += _wrapped(_fragment(fragment, several=several), INDENT)
    rest = [f for f in fragments if not any(f is one for one in shown)]
    if rest:
        known = all("rows" in f for f in rest)
        sums = f"{counted(sum(f['rows'] for f in rest), 'row')}, {size(sum(f['bytes'] for f in rest))}, " if known else ""
        longest = milliseconds(max(f["milliseconds"] for f in rest))
        found.append(f"{' ' * INDENT}{len(rest)} more, done: {sums}{longest} at most")
    return found


def _keys(sent: Item) -> str:
    """How many keys there were, and in which form they went to the nodes."""
    count = "keys" if sent["count"] is None else counted(sent["count"], "key")
    return f"{count} as a {sent['form']}"


def _telling(fragments: Sequence[Item]) -> list[Item]:
    """Of many fragments those that went wrong and the slowest, in their order."""
    slow = sorted((f["milliseconds"] for f in fragments), reverse=True)[:SLOWEST_MAX][-1]
    wrong = [f for f in fragments if f["state"] != "done" or f["retries"]][:FRAGMENTS_MAX]
    slowest = [f for f in fragments if f["milliseconds"] >= slow and not any(f is w for w in wrong)][:SLOWEST_MAX]
    return [f for f in fragments if any(f is one for one in (*wrong, *slowest))]


def _fragment(f: Item, *, several: bool) -> str:
    name = f"{f['exchange']} {_place(f)}" if several else _place(f)
    came = f"{counted(f['rows'], 'row')}, {size(f['bytes'])}, " if "rows" in f else ""
    numbers = came + milliseconds(f["milliseconds"])
    retries = f", {f['retries']} {'retry' if f['retries'] == 1 else 'retries'}" if f["retries"] else ""
    slowest = " (slowest)" if f.get("slowest") else ""
    error = f": {f['error']}" if "error" in f else ""
    return f"{name}: {f['state']}, {numbers}{slowest}{retries}{error}"


# ---------------------------------------------------------------------------------------------------- lines


def _sql(text: str, indent: int) -> list[str]:
    shown = text[:SQL_CHARACTERS_MAX]
    found = [" " * indent + line for line in sql_lines(shown, LINE_MAX - indent)]
    cut = len(text) - len(shown)
    return [*found, f"{' ' * indent}… {cut} characters more"] if cut else found


def _wrapped(text: str, indent: int) -> list[str]:
    """Words in lines, the further ones indented more."""
    text = text.replace("\n", " ")
    room = max(LINE_MAX - indent, WIDTH_MIN)
    found = textwrap.wrap(
        text, room, subsequent_indent=" " * 2 * INDENT, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
    return [" " * indent + line for line in found] if len(text) > room else [" " * indent + text]


def _groups(items: Iterable[Item], key: Callable[[Item], Any]) -> list[list[Item]]:
    """The items of which the same is to be said together, in the order of their first ones."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(repr(key(item)), []).append(item)
    return list(found.values())


def _some(names: Sequence[str], *, all_: bool = False) -> str:
    return ", ".join(names) if all_ else listed(names)
