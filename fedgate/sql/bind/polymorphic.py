"""Polymorphic argument and result types: anyelement, anyarray, anycompatible and their kin.

Source: https://www.postgresql.org/docs/15/extend-type-system.html#EXTEND-TYPES-POLYMORPHIC. Two families: in `any…` all types must
be equal, in `anycompatible…` they need a common type.
"""

from __future__ import annotations

from collections.abc import Sequence

from fedgate.errors import SqlError
from fedgate.sql.bind import typenames as t

ANYELEMENT, ANYNONARRAY, ANYENUM, ANYRANGE, ANYMULTIRANGE = 2283, 2776, 3500, 3831, 4537
ANYCOMPATIBLE, ANYCOMPATIBLEARRAY, ANYCOMPATIBLENONARRAY, ANYCOMPATIBLERANGE, ANYCOMPATIBLEMULTIRANGE = 5077, 5078, 5079, 5080, 4538
_EQUAL = frozenset((ANYELEMENT, t.ANYARRAY, ANYNONARRAY, ANYENUM, ANYRANGE, ANYMULTIRANGE))
_COMPATIBLE = frozenset((ANYCOMPATIBLE, ANYCOMPATIBLEARRAY, ANYCOMPATIBLENONARRAY, ANYCOMPATIBLERANGE, ANYCOMPATIBLEMULTIRANGE))
POLYMORPHIC = _EQUAL | _COMPATIBLE
_RANGES = frozenset((ANYRANGE, ANYMULTIRANGE, ANYCOMPATIBLERANGE, ANYCOMPATIBLEMULTIRANGE))
_ARRAYS = frozenset((t.ANYARRAY, ANYCOMPATIBLEARRAY))


def consistent(actual: Sequence[int], declared: Sequence[int]) -> bool:
    """Whether the actual types can stand where polymorphic ones are declared."""
    element = array = 0
    compatible: list[int] = []
    non_array = any(d in (ANYNONARRAY,) for d in declared)
    for source, target in zip(actual, declared, strict=True):
        if source == t.UNKNOWN or target not in POLYMORPHIC:
            continue
        if target in _RANGES or target == ANYENUM:
            return False
        if target in (ANYELEMENT, ANYNONARRAY):
            if element and source != element:
                return False
            element = source
        elif target == t.ANYARRAY:
            if array and source != array:
                return False
            array = source
        elif target == ANYCOMPATIBLEARRAY:
            if not t.element_of(source):
                return False
            compatible.append(t.element_of(source))
        else:
            if target == ANYCOMPATIBLENONARRAY and t.element_of(source):
                return False
            compatible.append(source)
    if array:
        inner = t.element_of(array)
        if not inner or (element and inner != element):
            return False
        element = inner
    if non_array and element and t.element_of(element):
        return False
    return not compatible or _common(compatible) is not None


def resolve(actual: Sequence[int], declared: Sequence[int], result: int) -> tuple[list[int], int]:
    """(argument types, result type) with the polymorphic ones replaced. 42804 when they cannot be found."""
    if result not in POLYMORPHIC and not any(d in POLYMORPHIC for d in declared):
        return list(declared), result
    element = _equal_element(actual, declared, result)
    compatible = _compatible_element(actual, declared)
    types = [_concrete(d, element, compatible) for d in declared]
    return types, _concrete(result, element, compatible)


def _concrete(declared: int, element: int, compatible: int) -> int:
    if declared in (ANYELEMENT, ANYNONARRAY, ANYENUM):
        return element
    if declared in (ANYCOMPATIBLE, ANYCOMPATIBLENONARRAY):
        return compatible
    if declared in _ARRAYS:
        inner = element if declared == t.ANYARRAY else compatible
        array = t.array_of(inner)
        if not array:
            raise SqlError("42704", f"could not find array type for data type {t.type_name(inner)}")
        return array
    return declared


def _equal_element(actual: Sequence[int], declared: Sequence[int], result: int) -> int:
    element = array = 0
    for source, target in zip(actual, declared, strict=True):
        if target not in _EQUAL or source == t.UNKNOWN:
            continue
        if target == t.ANYARRAY:
            if array and source != array:
                raise _not_alike("anyarray", array, source)
            array = source
        else:
            if element and source != element:
                raise _not_alike("anyelement", element, source)
            element = source
    if array:
        inner = t.element_of(array)
        if not inner:
            message = f"argument declared anyarray is not an array but type {t.type_name(array)}"
            raise SqlError("42804", message)
        element = element or inner
    if not element and (result in _EQUAL or any(d in _EQUAL for d in declared)):
        raise SqlError("42804", "could not determine polymorphic type because input has type unknown")
    return element


def _compatible_element(actual: Sequence[int], declared: Sequence[int]) -> int:
    if not any(d in _COMPATIBLE for d in declared):
        return 0
    known = [
        t.element_of(source) if target == ANYCOMPATIBLEARRAY else source
        for source, target in zip(actual, declared, strict=True)
        if target in _COMPATIBLE and source != t.UNKNOWN
    ]
    if not known:
        return t.TEXT
    found = _common(known)
    if found is None:
        raise SqlError("42804", "arguments of anycompatible family cannot be cast to a common type")
    return found


def _common(oids: Sequence[int]) -> int | None:
    from fedgate.sql.bind.coerce import can_coerce, select_common

    found, offender = select_common(oids)
    return found if offender is None and all(can_coerce((o,), (found,), "i") for o in oids) else None


def _not_alike(name: str, first: int, second: int) -> SqlError:
    detail = f"{t.type_name(first)} versus {t.type_name(second)}"
    return SqlError("42804", f'arguments declared "{name}" are not all alike', detail=detail)
