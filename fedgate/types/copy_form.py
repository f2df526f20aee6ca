"""How COPY writes and reads rows: its options, settled.

Source: https://www.postgresql.org/docs/15/sql-copy.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CopyForm:
    """The form of a COPY's rows. Columns are numbered from 0 in the order in which they are copied.

    `header`: whether the first line names the columns; `match`: and they must be the table's. `quote` and `escape` count in csv
    only. `force_quote` columns are quoted unless NULL; the unquoted null text is the value itself in `force_not_null` columns, the
    quoted one is NULL in `force_null` columns.
    """

    format: Literal["text", "csv", "binary"] = "text"
    delimiter: str = "\t"
    null: str = "\\N"
    header: Literal["no", "yes", "match"] = "no"
    quote: str = '"'
    escape: str = '"'
    force_quote: frozenset[int] = frozenset()
    force_not_null: frozenset[int] = frozenset()
    force_null: frozenset[int] = frozenset()
