"""jsonpath: its text read and written, and the tree between. Paths are evaluated by `sql.jsonpath`.

Source: https://www.postgresql.org/docs/15/functions-json.html#FUNCTIONS-SQLJSON-PATH
"""

from __future__ import annotations

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.types.jsonpath.parse import parse
from fedgate.types.jsonpath.write import exact, write

__all__ = ["exact_jsonpath", "jsonpath_text", "parse"]


def exact_jsonpath(text: str) -> str:
    """The carrier of a path's text. Raises what `parse` raises, and SqlError 54001 for a text that is too long."""
    if len(text) > limits.JSONPATH_CHARS_MAX:
        raise SqlError("54001", f"a JSON path of more than {limits.JSONPATH_CHARS_MAX} characters is not supported")
    return exact(parse(text))


def jsonpath_text(carrier: str) -> str:
    """PostgreSQL's text of a path in its carrier."""
    return write(parse(carrier))
