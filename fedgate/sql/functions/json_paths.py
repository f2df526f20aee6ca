"""jsonb @? and @@ jsonpath, and the jsonb_path_… functions, over `sql.jsonpath`.

Source: https://www.postgresql.org/docs/15/functions-json.html#FUNCTIONS-JSON-PROCESSING-TABLE
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.table import function, operator, srf
from fedgate.sql.functions.udf import scalar
from fedgate.sql.jsonpath.evaluate import Evaluation
from fedgate.sql.jsonpath.items import Value, read, write
from fedgate.sql.jsonpath.known import known_path
from fedgate.types import SqlType
from fedgate.types.jsonpath.parse import too_deep
from fedgate.types.jsonpath.tree import JsonPath
from fedgate.types.zones import find_zone

_T: Final = "VARCHAR"
_ARGUMENTS: Final = (_T, _T, _T, "BOOLEAN")
_SPECS: Final = "jsonb, jsonpath, jsonb, bool"
_NO_VARIABLES: Final = "{}"


def evaluated(
    result: Callable[[Evaluation, JsonPath, bool], Any],
    target: str,
    path: str,
    variables: str | None,
    silent: bool,
    zone: str | None,
) -> Any:
    """`result` of a path over `target`, both in their carriers. Raises SqlError; 54001 for what is nested too deep."""
    try:
        root = read(target)
        known = known_path(path)
        given: Value = None if variables is None else {} if variables == _NO_VARIABLES else read(variables)
        evaluation = Evaluation(known, root, given, silent=silent, zone=None if zone is None else find_zone(zone))
        return result(evaluation, known, silent)
    except RecursionError:
        raise too_deep() from None


def _exists(evaluation: Evaluation, path: JsonPath, silent: bool) -> bool | None:
    return evaluation.exists(path)


def _match(evaluation: Evaluation, path: JsonPath, silent: bool) -> bool | None:
    items = evaluation.items(path)
    if len(items) == 1 and (items[0] is None or isinstance(items[0], bool)):
        return items[0]
    if silent:
        return None
    raise SqlError("22038", "single boolean result is expected")


def query(evaluation: Evaluation, path: JsonPath, silent: bool) -> list[str]:
    """The items' texts. Raises SqlError 54000 for too many characters."""
    texts = []
    room = limits.JSONPATH_RESULT_CHARS_MAX
    for item in evaluation.items(path):
        texts.append(write(item))
        room -= len(texts[-1])
        if room < 0:
            hint = "Narrow the path: .** gives a value once for each level that it is in."
            raise SqlError("54000", f"a JSON path would give more than {limits.JSONPATH_RESULT_CHARS_MAX} characters", hint=hint)
    return texts


def _query_array(evaluation: Evaluation, path: JsonPath, silent: bool) -> str:
    return f"[{', '.join(query(evaluation, path, silent))}]"


def _query_first(evaluation: Evaluation, path: JsonPath, silent: bool) -> str | None:
    items = evaluation.items(path)
    return write(items[0]) if items else None


def _zoned(udf: str) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        return f"{udf}({', '.join(e.sql for e in a)}, {cx.zone})"

    return lower


def _set(udf: str, zoned: bool) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
        call = _zoned(udf)(cx, a, node) if zoned else f"{udf}({', '.join(e.sql for e in a)})"
        return (E(call, SqlType(3802)),)

    return lower


def _install(name: str, returns: str, result: Callable[[Evaluation, JsonPath, bool], Any]) -> None:
    udf, udf_tz = f"pg_{name}", f"pg_{name}_tz"
    scalar(udf, _ARGUMENTS, returns)(lambda target, path, given, silent: evaluated(result, target, path, given, silent, None))
    scalar(udf_tz, (*_ARGUMENTS, _T), returns)(
        lambda target, path, given, silent, zone: evaluated(result, target, path, given, silent, zone)
    )
    if returns.endswith("[]"):
        srf(name, _SPECS, _set(udf, False))
        srf(f"{name}_tz", _SPECS, _set(udf_tz, True))
    else:
        function(name, _SPECS, f"{udf}({{0}}, {{1}}, {{2}}, {{3}})")
        function(f"{name}_tz", _SPECS, _zoned(udf_tz))


_install("jsonb_path_exists", "BOOLEAN", _exists)
_install("jsonb_path_match", "BOOLEAN", _match)
_install("jsonb_path_query", "VARCHAR[]", query)
_install("jsonb_path_query_array", _T, _query_array)
_install("jsonb_path_query_first", _T, _query_first)

# The operators are silent, and a variable is null to them.
scalar("pg_jsonb_path_found", [_T, _T], "BOOLEAN")(lambda target, path: evaluated(_exists, target, path, None, True, None))
scalar("pg_jsonb_path_true", [_T, _T], "BOOLEAN")(lambda target, path: evaluated(_match, target, path, None, True, None))
operator("@?", "jsonb, jsonpath", "pg_jsonb_path_found({0}, {1})")
operator("@@", "jsonb, jsonpath", "pg_jsonb_path_true({0}, {1})")
