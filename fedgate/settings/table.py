"""The settings (GUCs) that a session knows: name, kind, default, range, meaning.

Names, defaults and kinds are those of PostgreSQL 15 (https://www.postgresql.org/docs/15/runtime-config.html) where PostgreSQL has
the setting; `fedgate.*` are our own (docs/reference/settings.md). A setting marked `inert` is accepted because clients set it, and
changes nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["bool", "int", "real", "enum", "string", "timezone", "datestyle", "list", "encoding"]
Unit = Literal["", "ms", "s", "kB", "bytes"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `unit` is what a bare number means; `fixed` ones cannot be SET (55P02); `report` ones are told to clients.

    `later` are values that are not there yet: SET says so (0A000) and does not take them.
    """

    name: str
    kind: Kind
    default: str
    about: str
    unit: Unit = ""
    minimum: float = 0
    maximum: float = 2_147_483_647
    choices: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    fixed: bool = False
    report: bool = False
    inert: bool = False


def _inert(name: str, kind: Kind, default: str, *choices: str, unit: Unit = "", minimum: float = 0) -> Setting:
    return Setting(name, kind, default, "Accepted for clients; no effect.", unit, minimum, choices=choices, inert=True)


_LEVELS = ("read uncommitted", "read committed", "repeatable read", "serializable")
_MESSAGES = ("debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "info", "notice", "warning", "error")

ACTIVE: tuple[Setting, ...] = (
    Setting("application_name", "string", "", "The client's own name, shown in logs and activity.", report=True),
    Setting("client_encoding", "encoding", "UTF8", "Only UTF8 is spoken.", report=True),
    Setting("client_min_messages", "enum", "notice", "The least severe message that is sent to the client.", choices=_MESSAGES),
    Setting("bytea_output", "enum", "hex", "Text form of bytea.", choices=("hex", "escape")),
    Setting(
        "datestyle", "datestyle", "ISO, MDY", "Form of times in results and casts, and the order of ambiguous dates.", report=True
    ),
    Setting(
        "default_transaction_isolation",
        "enum",
        "read committed",
        "Stricter levels are accepted with a notice: every statement sees each node at one moment of its own.",
        choices=_LEVELS,
    ),
    Setting("default_transaction_read_only", "bool", "off", "Accepted; everything is read only.", report=True),
    Setting("extra_float_digits", "int", "1", "Text form of floats: above 0 the shortest exact one.", minimum=-15, maximum=3),
    Setting(
        "intervalstyle",
        "enum",
        "postgres",
        "Text form of intervals.",
        choices=("postgres", "postgres_verbose", "sql_standard", "iso_8601"),
        report=True,
    ),
    Setting("search_path", "list", '"$user", public', "Schemas in which unqualified names are looked up."),
    Setting("standard_conforming_strings", "enum", "on", "Always on.", choices=("on",), report=True),
    Setting("statement_timeout", "int", "0", "A statement that takes longer is cancelled with 57014. 0: no limit.", "ms"),
    Setting(
        "idle_in_transaction_session_timeout",
        "int",
        "0",
        "A session idle in a transaction for longer is ended with 25P03. 0: no limit.",
        "ms",
    ),
    Setting(
        "idle_session_timeout", "int", "0", "A session idle for longer, in no transaction, is ended with 57P05. 0: no limit.", "ms"
    ),
    Setting(
        "client_connection_check_interval",
        "int",
        "250ms",
        "How often it is looked whether the client of a running statement is still there; every 250 ms at most. 0: never.",
        "ms",
    ),
    Setting("tcp_keepalives_idle", "int", "0", "Silence after which TCP asks whether the client is there. 0: the system's.", "s"),
    Setting("tcp_keepalives_interval", "int", "0", "Time until TCP asks a silent client again. 0: the system's.", "s"),
    Setting("tcp_keepalives_count", "int", "0", "Unanswered questions after which the client has gone. 0: the system's."),
    Setting("tcp_user_timeout", "int", "0", "Time that sent data may stay unacknowledged. 0: the system's.", "ms"),
    Setting("timezone", "timezone", "UTC", "The zone in which times are shown and read.", report=True),
    Setting("timezone_abbreviations", "enum", "Default", "Which abbreviations of zones are read.", choices=("Default",)),
    Setting("transaction_isolation", "enum", "read committed", "Of the current transaction.", choices=_LEVELS),
    Setting("transaction_read_only", "bool", "off", "Of the current transaction."),
    Setting("transaction_deferrable", "bool", "off", "Of the current transaction; no effect."),
    Setting(
        "fedgate.on_node_failure",
        "enum",
        "error",
        "What a missing shard does: fail the statement. Partial answers are not supported yet.",
        choices=("error",),
        later=("partial",),
    ),
    Setting("fedgate.connect_timeout", "int", "3s", "Time to reach a node before the next replica is tried.", "ms", 1),
    Setting("fedgate.node_timeout", "int", "30s", "Time that one node may take for a statement. 0: no limit.", "ms"),
    Setting(
        "fedgate.node_hold",
        "int",
        "10s",
        "Time that a node may wait for the client before the rest of its rows is spooled at the gateway.",
        "ms",
    ),
    Setting("fedgate.node_selector", "string", "", "Labels (k=v,k!=v) or a group: the nodes this session may use."),
    Setting(
        "fedgate.replica",
        "enum",
        "any",
        "Which replica of a shard is tried first; any: by priority, what lately could not be reached last; "
        "nearest: the lowest measured connect time; primary: no other is tried.",
        choices=("any", "nearest", "primary"),
    ),
    Setting("fedgate.max_node_bytes", "int", "0", "Bytes that one node may send for a statement. 0: no limit.", "bytes", 0, 2**62),
    Setting("fedgate.max_result_bytes", "int", "0", "Bytes of a statement's result. 0: no limit.", "bytes", 0, 2**62),
)

FIXED: tuple[Setting, ...] = (
    Setting("server_version", "string", "", "Version of PostgreSQL that is spoken, and fedgate's own.", fixed=True, report=True),
    Setting("server_version_num", "int", "150018", "The same as a number.", fixed=True),
    Setting("server_encoding", "string", "UTF8", "Always UTF8.", fixed=True, report=True),
    Setting("integer_datetimes", "bool", "on", "Always on.", fixed=True, report=True),
    Setting("in_hot_standby", "bool", "off", "Always off.", fixed=True, report=True),
    Setting("is_superuser", "bool", "off", "Always off.", fixed=True, report=True),
    Setting("session_authorization", "string", "", "The user of this session.", fixed=True, report=True),
    Setting("max_identifier_length", "int", "63", "Bytes of a name.", fixed=True),
    Setting("max_index_keys", "int", "32", "As in PostgreSQL.", fixed=True),
    Setting("max_function_args", "int", "100", "As in PostgreSQL.", fixed=True),
    Setting("wal_block_size", "int", "8192", "As in PostgreSQL.", fixed=True),
    Setting("block_size", "int", "8192", "As in PostgreSQL.", fixed=True),
    Setting("lc_collate", "string", "C.UTF-8", "Order of text: code points.", fixed=True),
    Setting("lc_ctype", "string", "C.UTF-8", "Case of text.", fixed=True),
    Setting("data_checksums", "bool", "off", "As in PostgreSQL.", fixed=True),
    Setting("wal_level", "string", "replica", "As in PostgreSQL.", fixed=True),
    Setting("max_connections", "int", "500", "Sessions that the gateway serves at once.", fixed=True),
    Setting(
        "superuser_reserved_connections",
        "int",
        "3",
        "The last of these sessions, which only roles with admin may take.",
        fixed=True,
    ),
    Setting("max_prepared_transactions", "int", "0", "There is no two-phase commit.", fixed=True),
    Setting("authentication_timeout", "int", "15s", "Time that a client may take to log in.", "s", fixed=True),
    Setting("port", "int", "5433", "Where the gateway listens.", fixed=True),
    Setting("listen_addresses", "string", "127.0.0.1", "The address on which it listens.", fixed=True),
    Setting("unix_socket_directories", "string", "", "The directory of its Unix-domain socket.", fixed=True),
    Setting("unix_socket_permissions", "string", "0770", "The access permissions of that socket.", fixed=True),
    Setting("ssl", "bool", "off", "Whether the gateway has a certificate, and so offers TLS.", fixed=True),
    Setting("ssl_min_protocol_version", "string", "TLSv1.2", "The oldest TLS that is spoken.", fixed=True),
    Setting("password_encryption", "string", "scram-sha-256", "How passwords are checked.", fixed=True),
    Setting("log_connections", "bool", "off", "Whether each connection is logged.", fixed=True),
    Setting("log_disconnections", "bool", "off", "Whether the end of each session is logged.", fixed=True),
    Setting("track_activity_query_size", "int", "1kB", "Bytes of a statement that pg_stat_activity shows.", "bytes", fixed=True),
)

INERT: tuple[Setting, ...] = (
    _inert("backslash_quote", "enum", "safe_encoding", "safe_encoding", "on", "off"),
    _inert("check_function_bodies", "bool", "on"),
    _inert("constraint_exclusion", "enum", "partition", "partition", "on", "off"),
    _inert("cursor_tuple_fraction", "real", "0.1"),
    _inert("default_statistics_target", "int", "100"),
    _inert("default_table_access_method", "string", "heap"),
    _inert("default_tablespace", "string", ""),
    _inert("default_toast_compression", "enum", "pglz", "pglz", "lz4"),
    _inert("default_transaction_deferrable", "bool", "off"),
    _inert("enable_bitmapscan", "bool", "on"),
    _inert("enable_hashagg", "bool", "on"),
    _inert("enable_hashjoin", "bool", "on"),
    _inert("enable_indexonlyscan", "bool", "on"),
    _inert("enable_indexscan", "bool", "on"),
    _inert("enable_material", "bool", "on"),
    _inert("enable_mergejoin", "bool", "on"),
    _inert("enable_nestloop", "bool", "on"),
    _inert("enable_seqscan", "bool", "on"),
    _inert("enable_sort", "bool", "on"),
    _inert("escape_string_warning", "bool", "on"),
    _inert("force_parallel_mode", "enum", "off", "off", "on", "regress"),
    _inert("from_collapse_limit", "int", "8"),
    _inert("geqo", "bool", "on"),
    _inert("gin_fuzzy_search_limit", "int", "0"),
    _inert("jit", "bool", "on"),
    _inert("join_collapse_limit", "int", "8"),
    _inert("lc_messages", "string", "C.UTF-8"),
    _inert("lc_monetary", "string", "C.UTF-8"),
    _inert("lc_numeric", "string", "C.UTF-8"),
    _inert("lc_time", "string", "C.UTF-8"),
    _inert("lock_timeout", "int", "0", unit="ms"),
    _inert("log_min_duration_statement", "int", "-1", unit="ms", minimum=-1),
    _inert("log_statement", "enum", "none", "none", "ddl", "mod", "all"),
    _inert("maintenance_work_mem", "int", "64MB", unit="kB"),
    _inert("max_parallel_workers_per_gather", "int", "2"),
    _inert("plan_cache_mode", "enum", "auto", "auto", "force_generic_plan", "force_custom_plan"),
    _inert("quote_all_identifiers", "bool", "off"),
    _inert("role", "string", "none"),
    _inert("row_security", "bool", "on"),
    _inert("ssl_renegotiation_limit", "int", "0", unit="kB"),
    _inert("synchronize_seqscans", "bool", "on"),
    _inert("synchronous_commit", "enum", "on", "local", "remote_write", "remote_apply", "on", "off"),
    _inert("temp_buffers", "int", "8MB", unit="kB"),
    _inert("transform_null_equals", "bool", "off"),
    _inert("vacuum_cost_delay", "real", "0", unit="ms"),
    _inert("work_mem", "int", "4MB", unit="kB", minimum=64),
    _inert("xmloption", "enum", "content", "content", "document"),
)

SETTINGS: dict[str, Setting] = {s.name: s for s in ACTIVE + FIXED + INERT}

SPELLING: dict[str, str] = {"datestyle": "DateStyle", "timezone": "TimeZone", "intervalstyle": "IntervalStyle"}
"""Settings whose name PostgreSQL shows in mixed case."""
