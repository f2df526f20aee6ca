"""fit: a canonical block and one node's placements -> the SQL for that node, and perhaps a residual for the gateway.

    fit(block, placements, *, shard, home, engine, timezone="UTC") -> Fitted

`placements` holds, by relation id, the placement that every TableRef of `block` is read from (all at one node). What the engine's
list does not hold never changes the plan: the parts are then superset scans, and `Fitted.residual` is the whole block over them.

What a session (`nodes/<engine>.py`) can rely on, and has to do, for the SQL of a Part:

* Columns are called `c<id>`, in order of `schema`; after them comes `guard` when `Part.guard`. Each field's metadata holds
  `column` (the name that errors use), `oid`, `typmod`, and `zone` where zone-less times are not in UTC.
* **sqlite**: relations are `"main"."relation"` (or the placement's schema). Columns come as they are stored, to be checked
  value by value (`nodes/sqlite_values`); a time in another encoding comes as INTEGER days or microseconds, and as BLOB where
  the stored value is not of its encoding, so that it never passes for something else. A scan needs no guard: rows whose
  filter columns are ill-typed are among its rows. A whole block has one: an integer in every row, 0 when all is well.
  `offender` gives one row (column, row id, stored type, value as text); stored type `overflow` means that a computation left
  its range (22003).
* **postgres**: relations are `"schema"."relation"`, or `"relation"` when the placement names none (found by the search_path
  of the node's user). The session runs with TimeZone UTC, DateStyle ISO, extra_float_digits 1, standard_conforming_strings
  on; no guard.
* **duckdb**, **parquet**: relations are read by `Part.views`, temporary views that the session makes; TimeZone is UTC and
  `sql.lower.install` has been run. Values that do not fit the catalog's type raise inside the statement.

No text of a client reaches an engine but inside literals that `Fitted.literal` or the dialect wrote.
"""

from fedgate.nodes.dialects.fit import fit
from fedgate.nodes.dialects.fitted import Fitted

__all__ = ["Fitted", "fit"]
