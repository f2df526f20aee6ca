"""pg_catalog, information_schema and the schema `fedgate`: real tables, filled from the snapshot; no node is ever touched."""

from fedgate.system.facts import Facts, NodeFact, QueryFact, QueryNodeFact, SettingFact
from fedgate.system.source import SystemCatalog

__all__ = ["Facts", "NodeFact", "QueryFact", "QueryNodeFact", "SettingFact", "SystemCatalog"]
