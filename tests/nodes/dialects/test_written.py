"""Long arrays are written once for all fragments, and each as its own dialect, slot and values want."""

from __future__ import annotations

from fedgate.fragment import Slot
from fedgate.nodes.dialects.written import KEPT_MAX, LONG_MIN, Written
from fedgate.types import SqlType
from fedgate.types.values import Value

KEYS = Slot("k0", SqlType(1016))
LIST = Slot("k0", SqlType(1016), "list:int")


def test_an_array_is_written_once_for_each_slot() -> None:
    asked: list[Slot] = []

    def literal(slot: Slot, value: Value) -> str:
        asked.append(slot)
        assert isinstance(value, tuple)
        return f"{slot.form}{value[0]!r}"

    written = Written(literal)
    keys = tuple(range(LONG_MIN))
    assert [written(KEYS, keys), written(LIST, keys), written(KEYS, keys)] == ["0", "list:int0", "0"]
    assert asked == [KEYS, LIST]


def test_equal_arrays_are_not_taken_for_each_other() -> None:
    zero, minus = (0.0, *range(1, LONG_MIN)), (-0.0, *range(1, LONG_MIN))
    written = Written(lambda slot, value: repr(value))
    assert written(KEYS, zero) == repr(zero)
    assert written(KEYS, minus) == repr(minus)


def test_few_are_kept_and_short_ones_are_not() -> None:
    calls: list[Value] = []

    def literal(slot: Slot, value: Value) -> str:
        calls.append(value)
        return ""

    written = Written(literal)
    arrays = [tuple(range(i, i + LONG_MIN)) for i in range(KEPT_MAX + 1)]
    for array in (*arrays, arrays[0], arrays[-1]):
        written(KEYS, array)
    assert [v[0] for v in calls if isinstance(v, tuple)] == [*range(KEPT_MAX + 1), 0]
    written(KEYS, (1,))
    written(KEYS, None)
    written(KEYS, (1,))
    assert calls[-3:] == [(1,), None, (1,)]
