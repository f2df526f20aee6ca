"""Paths by their texts, parsed once, and texts read as values with the patterns in paths looked at."""

from __future__ import annotations

from fedgate import limits
from fedgate.cache import of_texts
from fedgate.sql.jsonpath.methods import check_patterns
from fedgate.types import SqlType, text_in
from fedgate.types.jsonpath.parse import parse
from fedgate.types.jsonpath.tree import JsonPath
from fedgate.types.style import TextStyle
from fedgate.types.values import Value

_JSONPATHS = (4072, 4073)


@of_texts(limits.JSONPATHS_KNOWN_MAX)
def known_path(text: str) -> JsonPath:
    """The path of a text. Raises what `types.jsonpath.parse` raises; 2201B for a pattern that is no regular expression."""
    path = parse(text)
    check_patterns(path)
    return path


def read_text(text: str, type_: SqlType, style: TextStyle) -> Value:
    """`text_in.parse`, which knows no regular expressions, with the patterns of like_regex checked. Raises what both raise."""
    value = text_in.parse(text, type_, style)
    if type_.oid in _JSONPATHS:
        for path in value if isinstance(value, tuple) else (value,):
            if path is not None:
                known_path(str(path))
    return value
