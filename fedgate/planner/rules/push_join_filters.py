"""push_join_filters: ON conjuncts that read one side of the join go into the derived table there.

Precondition: as push_filters; of an inner join either side, of LEFT the right side only, of RIGHT the left only, of FULL none
(`reach`). Right because a row of the nullable side that fails the conjunct matches nothing either way. Tables get theirs from
`scan`.
"""

from __future__ import annotations

from fedgate.planner.exchange import Split
from fedgate.planner.rules.push_filters import sink
from fedgate.planner.treetools import map_down
from fedgate.sql.tree import Query

NAME = "push_join_filters"


def push_join_filters(query: Query, split: Split) -> Query:
    """All ON conjuncts of one side as deep as they may stand."""
    return map_down(query, lambda block: sink(block, split, NAME, where=False))
