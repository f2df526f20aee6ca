"""Every bound of the gateway, by name, with its unit in the name.

A bound that an operator may change is a setting (`session/settings_table.py`) or a field of `config.Config` whose default stands
here.
"""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

# The wire.
CONNECTIONS_MAX: Final = 500
STARTUP_S: Final = 15.0
STARTUP_PACKET_BYTES_MAX: Final = 10_000  # PostgreSQL's MAX_STARTUP_PACKET_LENGTH
MESSAGE_BYTES_MAX: Final = 64 * MIB
STATEMENT_BYTES_MAX: Final = 10 * MIB
CONNECTION_STACK_BYTES: Final = 16 * MIB  # virtual: the parser's C code recurses

# One session.
PREPARED_STATEMENTS_MAX: Final = 5_000
PORTALS_MAX: Final = 1_000
SAVEPOINTS_MAX: Final = 1_000
PARAMETERS_MAX: Final = 65_535  # a 16-bit count in Bind
HELD_CURSOR_BYTES_MAX: Final = 256 * MIB
IDENTIFIER_BYTES_MAX: Final = 63  # PostgreSQL's NAMEDATALEN - 1

# Caches, in entries.
STATEMENT_CACHE_MAX: Final = 2_000
QUERY_LOG_MAX: Final = 200

# One list that a function makes within the merge engine, in values: its making cannot be stopped.
SERIES_VALUES_MAX: Final = 1_000_000
