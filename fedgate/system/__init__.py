"""pg_catalog, information_schema and the schema `fedgate`: real tables, filled from the snapshot; no node is ever touched."""

from fedgate.system.facts import CursorFact, Facts, NodeFact, PreparedFact, QueryFact, QueryNodeFact, SettingFact
from fedgate.system.objects import Shown
from fedgate.system.source import SystemCatalog

__all__ = ["CursorFact", "Facts", "NodeFact", "PreparedFact", "QueryFact", "QueryNodeFact", "SettingFact", "Shown", "SystemCatalog"]
