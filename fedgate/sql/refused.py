"""The errors for statements that fedgate does not run: writes are 25006, as in a read-only transaction, the rest 0A000."""

from __future__ import annotations

from fedgate.errors import SqlError, unsupported
from fedgate.sql.command_tags import command_tag
from fedgate.sql.parse import RawStatement


def refused(raw: RawStatement) -> SqlError:
    """The error for a statement that fedgate does not run."""
    if raw.kind in _WRITES or raw.kind.startswith(("create", "alter", "drop", "grant")):
        return SqlError(
            "25006",
            f"cannot execute {command_tag(raw.kind, raw.source)} in a read-only transaction",
            hint="fedgate writes temporary tables only: rows are written at the nodes, documents by `fedgate catalog apply`.",
        )
    if raw.kind in _PRIVILEGED:
        return SqlError("42501", _PRIVILEGED[raw.kind])
    if raw.kind in ("do", "call"):
        return unsupported(raw.kind.upper(), hint="The gateway runs no procedures.", position=1 + raw.start + _leading_space(raw))
    return unsupported(" ".join(raw.source.split()[:2]).upper(), position=1 + raw.start + _leading_space(raw))


def _leading_space(raw: RawStatement) -> int:
    return len(raw.source) - len(raw.source.lstrip())


_WRITES = frozenset(
    {"insert", "update", "delete", "merge", "truncate", "comment", "rename", "reindex", "cluster", "vacuum", "refresh_mat_view"}
    | {
        "index",
        "view",
        "rule",
        "import_foreign_schema",
        "reassign_owned",
        "sec_label",
        "define",
        "lock",
        "composite_type",
    }
)
_PRIVILEGED = {
    "check_point": "must be superuser or have privileges of pg_checkpoint to do CHECKPOINT",
    "load": "access to libraries is not allowed",
}
