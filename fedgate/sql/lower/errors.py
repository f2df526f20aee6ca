"""DuckDB's exceptions as SqlErrors: marked ones (`error('SQLSTATE:…')`, UDFs) keep what we wrote, others go by class and
message.
"""

from __future__ import annotations

import re

from fedgate.errors import BEYOND_DIGITS, SqlError
from fedgate.sql.functions.udf import END, FIELD

_MARK = re.compile(r"SQLSTATE:([0-9A-Z]{5}):([^\x1e]*)", re.DOTALL)
# These quote the SQL, in which a mark says what might be raised.
_ABOUT_THE_TEXT = ("BinderException", "ParserException", "CatalogException")
_DIVISION = re.compile(r"division by zero", re.IGNORECASE)
# It goes on with the expression, in which a mark says what might have been raised.
_DIVISION_OF_ITS_OWN = re.compile(r"[\w ]+ Error: Division by zero in expression")
_MANY_ROWS = "More than one row returned by a subquery"
# (class of exception, pattern in its message, SQLSTATE, message)
_TABLE: tuple[tuple[str, str, str, str], ...] = (
    ("InvalidInputException", _MANY_ROWS, "21000", "more than one row returned by a subquery used as an expression"),
    ("", "Interrupt", "57014", "canceling statement due to user request"),
    ("", "Like pattern must not end with escape", "22025", "LIKE pattern must not end with escape character"),
    ("InvalidInputException", "Window .* expression cannot be NULL", "22004", "frame offset must not be null"),
    ("InvalidInputException", "Window .* expression cannot be negative", "22013", "frame offset must not be negative"),
    ("OutOfRangeException", "Invalid (RANGE|ROWS|GROUPS) ", "22013", "invalid preceding or following size in window function"),
    ("InvalidInputException", "ntile must be greater than zero", "22014", "argument of ntile must be greater than zero"),
    ("", "(?i)unknown timezone", "22023", "time zone not recognized"),
    ("OutOfMemoryException", "", "53200", "out of memory"),
    ("OutOfRangeException", "Overflow in (SUM of DECIMAL|HUGEINT (addition|multiplication))", "22003", BEYOND_DIGITS),
    ("OutOfRangeException", r"INT16\b|SMALLINT", "22003", "smallint out of range"),
    ("OutOfRangeException", r"INT32\b|INTEGER", "22003", "integer out of range"),
    ("OutOfRangeException", r"INT64\b|BIGINT", "22003", "bigint out of range"),
    ("OutOfRangeException", r"timestamp|date|interval|Timestamp|Date", "22008", "timestamp out of range"),
    ("OutOfRangeException", "", "22003", "value out of range"),
    ("ConversionException", r"destination type INT16|to SMALLINT|type INT16", "22003", "smallint out of range"),
    ("ConversionException", r"destination type INT32|to INTEGER|type INT32", "22003", "integer out of range"),
    ("ConversionException", r"Type INT32 with value [-\d]+-\d\d-\d\d ", "22008", "date out of range for timestamp"),
    ("ConversionException", r"destination type INT64|to BIGINT|type INT64", "22003", "bigint out of range"),
    ("ConversionException", r"DECIMAL|decimal", "22003", "numeric field overflow"),
    ("ConversionException", r"out of range|overflow", "22003", "value out of range"),
    ("ConversionException", r"[Tt]imestamp|[Dd]ate|TIMESTAMP|DATE", "22008", "timestamp out of range"),
    ("ConversionException", "", "22P02", "invalid input syntax"),
    ("", "Max expression depth", "54001", "the statement is nested too deeply"),
)

# Errors of a stream that has begun come as Arrow's, and say only in words what they are.
_KINDS = {
    "Out of Range Error": "OutOfRangeException",
    "Conversion Error": "ConversionException",
    "Invalid Input Error": "InvalidInputException",
    "Out of Memory Error": "OutOfMemoryException",
}


def translate(exc: BaseException) -> SqlError:
    """The SqlError that an exception of DuckDB stands for. XX000 for what should not have happened."""
    if isinstance(exc, SqlError):
        return exc
    text = str(exc)
    if _DIVISION_OF_ITS_OWN.match(text):
        return SqlError("22012", "division by zero")
    if type(exc).__name__ not in _ABOUT_THE_TEXT and (match := _MARK.search(text)):
        return _marked(match[1], match[2])
    if _DIVISION.search(text):
        return SqlError("22012", "division by zero")
    kind = _KINDS.get(text.partition(":")[0], type(exc).__name__)
    for name, pattern, sqlstate, message in _TABLE:
        if kind.startswith(name) and re.search(pattern, text):
            return SqlError(sqlstate, message)
    return SqlError("XX000", f"the merge engine failed: {text.splitlines()[0] if text else kind}")


def _marked(sqlstate: str, body: str) -> SqlError:
    if FIELD in body:
        message, detail, hint = body.rstrip(END).split(FIELD)
        return SqlError(sqlstate, message, detail=detail or None, hint=hint or None)
    return SqlError(sqlstate, body.split("\n")[0])
