"""PostgreSQL's types: the one type table (`catalog`), and the text forms of their values (`text_in`, `text_out`)."""

from fedgate.types.catalog import (
    ARRAY_SUFFIX,
    BY_NAME,
    BY_OID,
    OID_TYPES,
    RECORD,
    REG_TYPES,
    PgType,
    SqlType,
    arrow_type,
    described,
    duckdb_type,
    format_type,
    parse_type,
    record_type,
)

__all__ = [
    "ARRAY_SUFFIX",
    "BY_NAME",
    "BY_OID",
    "OID_TYPES",
    "RECORD",
    "REG_TYPES",
    "PgType",
    "SqlType",
    "arrow_type",
    "described",
    "duckdb_type",
    "format_type",
    "parse_type",
    "record_type",
]
