"""Bound query + snapshot -> Plan: pure functions on immutable data.

`rules/` holds one rewrite a file, pipeline.RULES their order.
"""

from fedgate.planner.pipeline import make_plan

__all__ = ["make_plan"]
