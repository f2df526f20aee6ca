"""Every bound that a client, a node or the catalog can meet, by name, with its unit in the name.

A bound that an operator may change is a setting (`settings/table.py`) or a field of `config.Config` whose default stands
here.
"""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

# The wire.
CONNECTIONS_MAX: Final = 500
RESERVED_CONNECTIONS: Final = 3  # PostgreSQL's superuser_reserved_connections
HALF_OPEN_MAX: Final = 1_000
"""Connections that have not logged in, beside the sessions; one more ends the oldest of the address that has most of them."""
ACCEPT_BACKLOG: Final = 1_024
STARTUP_S: Final = 15.0
SHUTDOWN_S: Final = 10.0
"""How long running statements may go on after SIGTERM before they are cancelled."""
END_S_MAX: Final = 2.0
"""How long a connection that is ended may take to say so to its client; then it is cut off."""
ACTIVITY_QUERY_CHARS: Final = 1_024  # PostgreSQL's track_activity_query_size
CANCEL_WRONG_PER_S: Final = 10.0
"""Cancel requests with a wrong key from one address, beyond the first few, that are looked at; more wait, then are dropped."""
CANCEL_WRONG_BURST: Final = 20
CANCEL_WAIT_S_MAX: Final = 2.0
CANCEL_ADDRESSES_MAX: Final = 4_096
SASL_MESSAGE_BYTES_MAX: Final = 1_024  # PostgreSQL's PG_MAX_SASL_MESSAGE_LENGTH
FAILED_LOGINS_FREE: Final = 3
"""Failed log-ins of a role from an address after which the next waits: first FAILED_LOGIN_PAUSE_S, then twice as long each."""
FAILED_LOGIN_PAUSE_S: Final = 0.25
FAILED_LOGIN_PAUSE_S_MAX: Final = 8.0
FAILED_LOGIN_WAIT_S_MAX: Final = 10.0
"""A log-in that would wait longer, behind others like it, is refused; below STARTUP_S."""
FAILED_LOGINS_FORGOTTEN_S: Final = 900.0
FAILED_LOGINS_MAX: Final = 10_000
"""Pairs of address and role that are remembered."""
STARTUP_PACKET_BYTES_MAX: Final = 10_000  # PostgreSQL's MAX_STARTUP_PACKET_LENGTH
LOGIN_MESSAGE_BYTES_MAX: Final = 64 * KIB  # before the login; PostgreSQL's PG_MAX_AUTH_TOKEN_LENGTH
MESSAGE_BYTES_MAX: Final = 64 * MIB
RECEIVE_BYTES_MIN: Final = 4 * KIB
"""What a connection that waits for its client keeps ready for it; a client that sends much gets more."""
RECEIVE_BYTES_MAX: Final = 64 * KIB
TLS_WRITE_BYTES_MAX: Final = 32 * KIB
"""What is encrypted at once: OpenSSL keeps the memory for as much, as long as the connection lasts."""
CONNECTION_STACK_BYTES: Final = 16 * MIB  # virtual: the parser's C code recurses

# One session.
PREPARED_STATEMENTS_MAX: Final = 5_000
PORTALS_MAX: Final = 1_000
SAVEPOINTS_MAX: Final = 1_000
CURSOR_MEMORY_BYTES_MAX: Final = 8 * MIB
"""What one open cursor or portal keeps of its rows in memory; the rest goes to disk, within the limits of spools."""
CURSORS_MEMORY_BYTES_MAX: Final = 256 * MIB
"""The same, of all of them."""
CURSOR_BEHIND_BYTES_MAX: Final = 64 * MIB
"""What a cursor that was declared neither SCROLL nor NO SCROLL keeps of rows that were read; then it goes forward only."""
CURSOR_DRAINS_MAX: Final = 64
"""Cursors whose rows are fetched ahead of their readers at one moment."""

TEMP_TABLES_MAX: Final = 1_000
"""Temporary tables of one session."""
TABLE_COLUMNS_MAX: Final = 1_600  # PostgreSQL's MaxHeapAttributeNumber
TEMP_MEMORY_BYTES_MAX: Final = 32 * MIB
"""What one session's temporary tables hold in memory; the rest goes to disk."""
TEMP_MEMORY_TOTAL_BYTES_MAX: Final = 512 * MIB
"""The same, of all sessions."""
TEMP_BYTES_MAX: Final = 4 * GIB
"""What one session's temporary tables hold in all, in memory and on disk."""
TEMP_TOTAL_BYTES_MAX: Final = 16 * GIB
"""The same, of all sessions."""
TEMP_PIECE_ROWS: Final = 65_536
"""Rows of a temporary table that lie together: what statements add is put together up to so many."""

# One statement.
STATEMENT_BYTES_MAX: Final = 10_000_000
STATEMENT_DEPTH_MAX: Final = 2_000
"""Levels of its syntax."""
COMMENT_DEPTH_MAX: Final = 200
"""Comments in comments."""
PARAMETERS_MAX: Final = 65_535  # a 16-bit count in Bind
COLUMNS_MAX: Final = 1_664  # PostgreSQL's MaxTupleAttributeNumber; of a result, of a row
ARGUMENTS_MAX: Final = 100  # PostgreSQL's FUNC_MAX_ARGS
IDENTIFIER_BYTES_MAX: Final = 63  # PostgreSQL's NAMEDATALEN - 1

# The catalog, and what nodes may hold.
CATALOG_FILE_BYTES_MAX: Final = 64 * MIB
FILES_FOUND_MAX: Final = 16_384
"""Node files whose place is remembered."""
PARQUET_FILES_MAX: Final = 100_000
"""Files below the directory of one Parquet node."""

# The audit log.
AUDIT_LINES_MAX: Final = 65_536
"""Lines of the audit log that wait to be written; of more only the number is told."""
AUDIT_BATCH_LINES_MAX: Final = 1_024
"""Lines that are written at once."""
AUDIT_STATEMENT_CHARS_MAX: Final = 8_192
"""Of a longer statement the beginning is written."""

# Caches, in entries.
STATEMENT_CACHE_MAX: Final = 2_000
ROLE_VIEWS_MAX: Final = 256
"""What roles see of a revision of the catalog, one a role."""
QUERY_LOG_MAX: Final = 200

# One list that a function makes within the merge engine, in values: its making cannot be stopped.
SERIES_VALUES_MAX: Final = 1_000_000

# What functions gave, by their arguments.
RESULTS_KNOWN_MAX: Final = 65_536
RESULT_KNOWN_CHARACTERS_MAX: Final = 64

# Paths of SQL/JSON: their text, what is nested in what, accessors in a row, and the values one evaluation may look at.
JSONPATH_CHARS_MAX: Final = 100_000
JSONPATH_DEPTH_MAX: Final = 100
JSONPATH_DIGITS_MAX: Final = 1_000_000
JSONPATH_STEPS_MAX: Final = 1_000
JSONPATH_VISITS_MAX: Final = 2_000_000
JSONPATH_RESULT_CHARS_MAX: Final = 64 * MIB
JSONPATHS_KNOWN_MAX: Final = 512
LONG_TEXTS_KNOWN_MAX: Final = 4
"""Patterns, templates and paths that each function remembers of those with more than LONG_TEXT_CHARS characters."""
LONG_TEXT_CHARS: Final = 2_000

# Statements at nodes and in the merge.
SESSIONS_MAX: Final = 64
"""Node sessions at one moment, of all statements (threads of the pool)."""
SESSIONS_PER_NODE_MAX: Final = 8
"""Sessions on one node at one moment, of all statements."""
SPOOL_MEMORY_BYTES_MAX: Final = 8 * MIB
"""What one fragment's spool holds in memory before it waits or goes to disk."""
STATEMENT_MEMORY_BYTES_MAX: Final = 256 * MIB
"""What a statement's spools hold in memory together when the merge waits for all of them."""
STREAM_MEMORY_BYTES_MAX: Final = 32 * MIB
"""The same for a statement whose rows go straight to the client."""
SPOOL_DISK_BYTES_MAX: Final = 4 * GIB
"""What a statement's spools hold on disk."""
SPOOL_DISK_TOTAL_BYTES_MAX: Final = 16 * GIB
"""The same, of all statements."""
MERGE_MEMORY_BYTES_MAX: Final = 2 * GIB
MERGES_APART_MAX: Final = 64
"""Merges at one moment whose threads are not their statements'."""
CANCEL_GRACE_S_MAX: Final = 0.25
"""How long a cancelled merge may take to end before its statement ends without it."""
MERGE_TEMP_BYTES_MAX: Final = 16 * GIB
MERGE_THREADS: Final = 2
MERGE_BATCH_ROWS: Final = 16_384
MERGE_CURSORS_IDLE_MAX: Final = 64
"""Connections of the merge engine that wait for the query that they know."""
MERGE_CURSORS_ALIKE_MAX: Final = 4
"""Those of them that know the same one: a hundred clients that ask it at once leave no more behind."""
MERGE_IDLE_CHARS_MAX: Final = 16_384
"""A longer query's connection does not wait."""
FEW_ROWS_MAX: Final = 4096
FEW_ROWS_BYTES_MAX: Final = MIB
"""A merge that folds an exchange no larger than this gives its rows at once."""
LAZY_TABLE_BYTES_MIN: Final = 64 * MIB
"""An exchange that is larger than this and used once is read by the merge as a stream, not as a table."""
THREAD_IDLE_S_MAX: Final = 10.0
"""How long a thread that was made for a node's session or a merge waits for its next work; then it ends."""
WRITER_HOLD_S_MAX: Final = 0.2
"""How long a node whose writers wait for its readers may be paced by a client. Reading the rest takes time too: both together are
to stay within two seconds."""
POLL_S: Final = 0.05
"""How often a wait looks for a cancel, and a cancel is repeated until the statement at the node has ended."""
CLOSE_WAIT_HUNG_S_MAX: Final = 0.5
"""The same for a node that has said nothing for its whole timeout."""
CLOSE_WAIT_CONNECTING_S_MAX: Final = 0.5
"""The same for a node that is being connected to: nothing runs there yet, but its file may be open."""
CLOSE_WAIT_S_MAX: Final = 5.0
"""How long a statement's end waits for its nodes; a driver that does not come back is left behind then."""
CLOSE_WAIT_FAILED_S_MAX: Final = 0.6
"""The same where the client waits for an error, which is to come within a second of a cancel or timeout."""
FAILED_TOGETHER_S: Final = 0.1
"""How long a statement that has lost a node waits for others that are being connected to, to name all that fail in that time."""
CONNECT_WEIGHT: Final = 0.3
"""What the latest connect time counts among all of a node's."""
CONNECT_TIME_S_MAX: Final = 300.0
"""How old a node's connect time may be; then it is measured again by the next statement that may use the node."""
FIT_CACHE_ENTRIES_MAX: Final = 4096
PLACEMENTS_ALIKE_MAX: Final = 65_536
"""Placements of which is known which others are fitted as they are."""
VIEWS_KNOWN_MAX: Final = 4096
"""Typed views over DuckDB and Parquet sources whose columns' stored types were looked at."""
LOWER_CACHE_ENTRIES_MAX: Final = 1024
CHECK_CACHE_ENTRIES_MAX: Final = 20_000
CHECK_SHAPES_MAX: Final = 4_096
"""Checks with different literals are bound once for each shape: so many shapes are kept."""
PRELUDE_SET_ROWS_MAX: Final = 1_000_000
SEMI_KEYS_MAX: Final = 100_000
"""Keys of a small side that go to the nodes of a large one; of more, their least and greatest do."""
RANGED_PLANS_MAX: Final = 64
"""Plans of which such a form is kept."""
DIRECT_ROWS_MAX: Final = 2_000_000
"""Rows of system relations that one catalog query looks at before the merge engine takes it over."""
TEMPLATE_CHARS_MAX: Final = 8_000
"""A catalog statement up to so long is compared with those that differ from it in literals only."""
TEMPLATES_ALIKE_MAX: Final = 8
"""Statements of the same words whose other literals differ, each with a template of its own."""
ROW_DESCRIPTIONS_MAX: Final = 512
"""Results whose description for the wire is remembered."""
DIRECT_SCHEMAS_MAX: Final = 512
"""Answers from the system catalogs whose columns are remembered as Arrow's."""
SYSTEM_KEPT_MAX: Final = 64
"""Sessions whose temporary tables are listed at once without making the lists anew."""
SHOWN_SQL_CHARS_MAX: Final = 16_384
"""What is kept of a statement at a node to be shown: it may hold as many keys."""
