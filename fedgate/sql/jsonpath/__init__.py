"""Paths of SQL/JSON evaluated over jsonb. Paths are parsed by `types.jsonpath`; no engine is known here."""
