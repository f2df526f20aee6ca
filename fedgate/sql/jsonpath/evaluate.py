"""A path evaluated over a value, step by step and depth first, as PostgreSQL's jsonpath_exec.c does.

Where only the first item counts (`exists` in lax mode) nothing behind it is looked at, and silent evaluation keeps what it found
before an error: both are why steps are taken in PostgreSQL's order. What an evaluation may cost is bounded (`limits`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.sql.jsonpath import layout, methods
from fedgate.sql.jsonpath.conditions import truth
from fedgate.sql.jsonpath.items import Base, Found, Outcome, Value
from fedgate.sql.jsonpath.methods import ItemError
from fedgate.types.jsonpath import tree
from fedgate.types.jsonpath.tree import Item, Items, JsonPath
from fedgate.types.zones import Zone

_GENERATION: Final = 10_000_000_000
_DIGITS_PER_VISIT: Final = 16
_VISITS_PER_MOMENT: Final = 20


class Place(NamedTuple):
    """Where in a path an evaluation is: the item at `at` is next, `base` what .keyvalue() counts from."""

    items: Items
    at: int
    base: Base

    @property
    def after(self) -> Place:
        return Place(self.items, self.at + 1, self.base)

    @property
    def is_last(self) -> bool:
        return self.at + 1 >= len(self.items)


Step: TypeAlias = "Outcome | tuple[Value, Base]"
"""How a step ends: with an outcome, or with the one value that goes on to the next item."""


class Evaluation:
    """One evaluation. `variables` None: there are none, and each is null. `zone` None: without time zones."""

    __slots__ = (
        "_current",
        "_generated",
        "_ignoring",
        "_places",
        "_root",
        "_size",
        "_variables",
        "_visits",
        "lax",
        "raising",
        "zone",
    )

    def __init__(self, path: JsonPath, root: Value, variables: Value, *, silent: bool, zone: Zone | None) -> None:
        if variables is not None and not isinstance(variables, dict):
            detail = 'Jsonpath parameters should be encoded as key-value pairs of "vars" object.'
            raise SqlError("22023", '"vars" argument is not an object', detail=detail)
        self._root = self._current = root
        self._variables: dict[str, Value] | None = variables
        self.lax = self._ignoring = not path.strict
        self.raising = not silent
        self.zone = zone
        self._size = -1
        self._visits = 0
        self._generated = 1 if variables is None else 2
        self._places: dict[int, tuple[Value, dict[int, int]]] = {}

    def items(self, path: JsonPath) -> list[Value]:
        """All items, or those before the first error of a silent evaluation."""
        found: list[Value] = []
        self._start(path, found)
        return found

    def exists(self, path: JsonPath) -> bool | None:
        """None: an error, in a silent evaluation."""
        found: Found = None if self.lax else []
        outcome = self._start(path, found)
        if outcome == "error":
            return None
        return outcome == "found" if found is None else bool(found)

    def _start(self, path: JsonPath, found: Found) -> Outcome:
        return self.run(path.items, self._root, Base(self._root, 0), found)

    # -- items

    def run(self, items: Items, value: Value, base: Base, found: Found) -> Outcome:
        return self._take(Place(items, 0, base), value, found, self.lax)

    def _take(self, place: Place, value: Value, found: Found, unwrap: bool) -> Outcome:
        """What the items from `place` on make of a value, appended to `found`. `unwrap`: the first may look into an array."""
        items, at, base = place.items, place.at, place.base
        while at < len(items):
            self.visit()
            item = items[at]
            step: Step = _STEPS[type(item)](self, item, Place(items, at, base), value, found, unwrap)
            if not isinstance(step, tuple):
                return step
            value, base = step
            at += 1
            unwrap = self.lax
        if found is not None:
            found.append(value)
        return "found"

    def _each(self, place: Place, values: Iterable[Value], found: Found, unwrap: bool) -> Outcome:
        outcome: Outcome = "none"
        for value in values:
            self.visit()
            outcome = self._take(place, value, found, unwrap)
            if outcome == "error" or (outcome == "found" and found is None):
                break
        return outcome

    def visit(self, weight: int = 1) -> None:
        self._visits += weight
        if self._visits > limits.JSONPATH_VISITS_MAX:
            hint = "Narrow the path: name keys instead of .** and filter early."
            raise SqlError("54000", "a JSON path would look at too many values", hint=hint)

    def sequence(self, items: Items, value: Value, base: Base, *, unwrap: bool) -> list[Value] | None:
        """All that an operand gives, arrays by their elements if `unwrap` in lax mode; None for an error."""
        if len(items) == 1 and isinstance(items[0], tree.Constant):
            return [items[0].value]
        values: list[Value] = []
        if self.run(items, value, base, values) == "error":
            return None
        if not (unwrap and self.lax and any(isinstance(v, list) for v in values)):
            return values
        flat: list[Value] = []
        for each in values:
            flat.extend(each if isinstance(each, list) else (each,))
            self.visit(len(each) if isinstance(each, list) else 1)
        return flat

    def _fail(self, sqlstate: str, message: str) -> Outcome:
        if self.raising:
            raise SqlError(sqlstate, message)
        return "error"

    def _structural(self, sqlstate: str, message: str) -> Outcome:
        """An error that lax mode takes for nothing there."""
        return "none" if self._ignoring else self._fail(sqlstate, message)

    # -- where an expression starts

    def _constant(self, item: tree.Constant, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        return item.value, place.base

    def _variable(self, item: tree.Variable, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if self._variables is None:
            return None, place.base
        if item.name not in self._variables:
            raise SqlError("42704", f'could not find jsonpath variable "{item.name}"')
        return self._variables[item.name], Base(self._variables, 1)

    def _anchor(self, item: tree.Anchor, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if item.name == "$":
            return self._root, Base(self._root, 0)
        return (self._current if item.name == "@" else Decimal(self._size - 1)), place.base

    def _arithmetic(self, item: tree.Arithmetic, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        sides = []
        for operand in (item.left, item.right):
            values = self.sequence(operand, value, place.base, unwrap=True)
            if values is None:
                return "error"
            sides.append(values)
        for name, values in zip(("left", "right"), sides, strict=True):
            if len(values) != 1 or not isinstance(values[0], Decimal):
                return self._fail("22038", f"{name} operand of jsonpath operator {item.op} is not a single numeric value")
        left, right = sides[0][0], sides[1][0]
        self.visit(1 + (len(left.as_tuple().digits) + len(right.as_tuple().digits)) // _DIGITS_PER_VISIT)
        try:
            return methods.calculated(item.op, left, right), place.base
        except SqlError:
            if self.raising:
                raise
            return "error"

    def _signed(self, item: tree.Signed, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        values = self.sequence(item.arg, value, place.base, unwrap=True)
        if values is None:
            return "error"
        seen: Outcome = "none"
        for operand in values:
            if not isinstance(operand, Decimal):
                if place.is_last and found is None:
                    continue
                return self._fail("2203B", f"operand of unary jsonpath operator {item.op} is not a numeric value")
            number = operand.copy_negate() if item.op == "-" and operand else operand
            outcome = self._take(place.after, number, found, self.lax)
            if outcome == "error" or (outcome == "found" and found is None):
                return outcome
            seen = outcome if outcome == "found" else seen
        return seen

    def _condition(self, item: Item, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        return truth(self, item, value, place.base), place.base

    # -- accessors

    def _key(self, item: tree.Key, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if isinstance(value, dict):
            if item.name in value:
                return value[item.name], place.base
            return self._structural("2203A", f'JSON object does not contain key "{item.name}"')
        if unwrap and isinstance(value, list):
            return self._each(place, value, found, False)
        return self._structural("2203A", "jsonpath member accessor can only be applied to an object")

    def _any_key(self, item: tree.AnyKey, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if isinstance(value, dict):
            return self._each(place.after, value.values(), found, self.lax)
        if unwrap and isinstance(value, list):
            return self._each(place, value, found, False)
        return self._structural("2203C", "jsonpath wildcard member accessor can only be applied to an object")

    def _any_element(self, item: tree.AnyElement, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if isinstance(value, list):
            return self._each(place.after, value, found, self.lax)
        if self.lax:
            return value, place.base
        return self._structural("22039", "jsonpath wildcard array accessor can only be applied to an array")

    def _subscripts(self, item: tree.Subscripts, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if not isinstance(value, list) and not self.lax:
            return self._structural("22039", "jsonpath array accessor can only be applied to an array")
        elements = value if isinstance(value, list) else [value]
        outcome: Outcome = "none"
        for first, last in item.ranges:
            low = self._index(first, value, len(elements), place.base)
            high = low if last is None or low is None else self._index(last, value, len(elements), place.base)
            if low is None or high is None:
                return "error"
            if not self._ignoring and (low < 0 or low > high or high >= len(elements)):
                return self._fail("22033", "jsonpath array subscript is out of bounds")
            chosen = elements[max(low, 0) : max(high + 1, 0)]
            if len(item.ranges) == len(chosen) == 1:
                return chosen[0], place.base
            outcome = self._each(place.after, chosen, found, self.lax)
            if outcome == "error" or (outcome == "found" and found is None):
                break
        return outcome

    def _index(self, items: Items, value: Value, size: int, base: Base) -> int | None:
        """A subscript of an array of `size`, cut to a whole number; None for an error."""
        outer, self._size = self._size, size
        values = self.sequence(items, value, base, unwrap=False)
        self._size = outer
        if values is None:
            return None
        if len(values) != 1 or not isinstance(values[0], Decimal):
            self._fail("22033", "jsonpath array subscript is not a single numeric value")
            return None
        if values[0].adjusted() > 10 or not -(2**31) <= int(values[0]) < 2**31:
            self._fail("22033", "jsonpath array subscript is out of integer range")
            return None
        return int(values[0])

    def _descend(self, item: tree.Descend, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        outcome: Outcome = "none"
        if item.first == 0:
            outcome = self._forgiving(place.after, value, found)
            if outcome == "found" and found is None:
                return outcome
        return self._below(item, place.after, value, found, 1) if isinstance(value, dict | list) else outcome

    def _below(self, item: tree.Descend, place: Place, value: Value, found: Found, level: int) -> Outcome:
        """The values inside a container, each before what is in it, from level `first` to `last`."""
        outcome: Outcome = "none"
        if item.last is not None and level > item.last:
            return outcome
        deepest = item.first is None and item.last is None
        for inner in value.values() if isinstance(value, dict) else value:
            self.visit()
            is_container = isinstance(inner, dict | list)
            if (item.first is not None and level >= item.first) or (deepest and not is_container):
                outcome = self._forgiving(place, inner, found)
                if outcome == "error" or (outcome == "found" and found is None):
                    break
            if is_container and (item.last is None or level < item.last):
                outcome = self._below(item, place, inner, found, level + 1)
                if outcome == "error" or (outcome == "found" and found is None):
                    break
        return outcome

    def _forgiving(self, place: Place, value: Value, found: Found) -> Outcome:
        """The rest of a path behind .**, which fits few of the values: its structural errors are none."""
        outer, self._ignoring = self._ignoring, True
        outcome = self._take(place, value, found, self.lax)
        self._ignoring = outer
        return outcome

    def _filter(self, item: tree.Filter, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if unwrap and isinstance(value, list):
            return self._each(place, value, found, False)
        outer, self._current = self._current, value
        passed = truth(self, item.condition[0], value, place.base)
        self._current = outer
        return (value, place.base) if passed else "none"

    # -- methods

    def _method(self, item: tree.Method, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if item.name == "size" and not isinstance(value, list) and not self.lax:
            return self._structural("22039", "jsonpath item method .size() can only be applied to an array")
        if item.name not in ("size", "type") and unwrap and isinstance(value, list):
            return self._each(place, value, found, False)
        if item.name == "keyvalue":
            return self._key_values(place, value, found)
        try:
            return methods.METHODS[item.name](value), place.base
        except ItemError as error:
            return self._fail(error.sqlstate, error.message)

    def _datetime(self, item: tree.Datetime, place: Place, value: Value, found: Found, unwrap: bool) -> Step:
        if unwrap and isinstance(value, list):
            return self._each(place, value, found, False)
        self.visit(_VISITS_PER_MOMENT)
        try:
            return methods.moment(value, item.template), place.base
        except ItemError as error:
            if self.raising:
                raise SqlError(error.sqlstate, error.message, detail=error.detail, hint=error.hint) from None
            return "error"

    def _key_values(self, place: Place, value: Value, found: Found) -> Step:
        if not isinstance(value, dict):
            return self._fail("2203C", "jsonpath item method .keyvalue() can only be applied to an object")
        number = Decimal(place.base.number * _GENERATION + self._offset(place.base.document, value))
        outcome: Outcome = "none"
        for name, inner in value.items():
            made = {"id": number, "key": name, "value": inner}
            after = Place(place.items, place.at + 1, Base(made, self._generated))
            self._generated += 1
            outcome = self._take(after, made, found, self.lax)
            if outcome == "error" or (outcome == "found" and found is None):
                break
        return outcome

    def _offset(self, document: Value, value: Value) -> int:
        """Where an object lies in its document; documents are kept, as Python's id is only theirs while they live."""
        known = self._places.get(id(document))
        if known is None:
            known = self._places[id(document)] = (document, layout.places(document))
        return known[1].get(id(value), 0)


_STEPS: Final[dict[type, Callable[..., Any]]] = {
    tree.Constant: Evaluation._constant,
    tree.Variable: Evaluation._variable,
    tree.Anchor: Evaluation._anchor,
    tree.Key: Evaluation._key,
    tree.AnyKey: Evaluation._any_key,
    tree.AnyElement: Evaluation._any_element,
    tree.Subscripts: Evaluation._subscripts,
    tree.Descend: Evaluation._descend,
    tree.Filter: Evaluation._filter,
    tree.Method: Evaluation._method,
    tree.Datetime: Evaluation._datetime,
    tree.Arithmetic: Evaluation._arithmetic,
    tree.Signed: Evaluation._signed,
    **dict.fromkeys((tree.Logic, tree.Compare, tree.LikeRegex, tree.Tested), Evaluation._condition),
}
