"""What a role that does not see everything is told of errors: what it may know of them.

A node's own words may hold paths, addresses and values of rows that are not granted. Such a role gets the SQLSTATE, the node's name
and the number of its query; the whole error is in the log, and in fedgate.queries for administrators.
"""

from __future__ import annotations

import logging
from typing import Final

from fedgate.errors import SqlError

_log = logging.getLogger("fedgate.roles")
_OWN_WORDS: Final = frozenset({"57014"})
"""Ends that the gateway itself brought about: its words say no more than the node's name."""
HINT: Final = "An administrator finds the whole error in fedgate.queries and in the log."


def reduced(error: SqlError, number: int, user: str) -> SqlError:
    """The error of query `number` as the user may know it."""
    if error.node is None or error.sqlstate in _OWN_WORDS:
        return error
    _log.warning("query %d of %s failed: %s: %s%s", number, user, error.sqlstate, error.message, _more(error))
    return SqlError(error.sqlstate, said(error.sqlstate, error.node, number), hint=HINT, position=error.position, node=error.node)


def said(sqlstate: str, node: str, number: int) -> str:
    return f'node "{node}" failed with {sqlstate} in query {number}'


def _more(error: SqlError) -> str:
    return f" ({error.detail})" if error.detail else ""
