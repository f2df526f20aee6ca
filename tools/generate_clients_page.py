"""Writes `docs/reference/clients.md`, how foreign clients get on; `tools/test clients` runs it at its end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, `tools` is no package yet

from tests.foreign.results import read  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "clients.md"
_HEAD = """# Clients

Each of these clients is run as its users run it, in an environment of its own, once against PostgreSQL 15 and once against
fedgate over the same tables: it connects, lists, describes, queries every type, passes parameters, prepares, reads by cursor,
copies, stages temporary tables, begins and rolls back, is cancelled and fails, as far as it can do each. *Steps* are compared by
what the program got. *Catalog statements* are the different statements on system catalogs that the client sent to PostgreSQL:
each is asked again of both servers and has to give the same columns, types and rows, OIDs compared by what they stand for.

This page is generated (`tools/generate_clients_page.py`) from the last run of `tools/test clients`.

| Client | Version | Steps equal | as meant | do not apply | Catalog statements equal | as meant |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    found = sorted(read().values(), key=lambda said: (said["language"] != "SQL", said["language"], said["title"].lower()))
    rows = "".join(_row(said) for said in found)
    return _HEAD + rows + _reasons(found)


def _row(said: dict[str, Any]) -> str:
    steps, catalogs = said["steps"], said["catalog_statements"]
    meant = sum(len(names) for names in steps["expected"].values())
    wrong = f", **{len(steps['different'])} different**" if steps["different"] else ""
    wrong_statements = f", **{catalogs['different']} different**" if catalogs["different"] else ""
    return (
        f"| [{said['title']}]({said['url']}) ({said['language']}) | {said['version']} | {steps['equal']}{wrong} | {meant or ''} | "
        f"{len(steps['not_applicable']) or ''} | {catalogs['equal']} of {catalogs['compared']}{wrong_statements} | "
        f"{sum(catalogs['expected'].values()) or ''} |\n"
    )


def _reasons(found: list[dict[str, Any]]) -> str:
    """What is meant to differ, by client."""
    parts = ["\n## What differs, and why\n"]
    for said in found:
        steps, catalogs = said["steps"], said["catalog_statements"]
        lines = [f"* {reason}: {', '.join(names)}\n" for reason, names in steps["expected"].items()]
        lines += [
            f"* {reason}: {count} catalog statement{'s' if count > 1 else ''}\n" for reason, count in catalogs["expected"].items()
        ]
        lines += [f"* does not apply, {reason}: {name}\n" for name, reason in steps["not_applicable"].items()]
        lines += [f"* **different**: {name}\n" for name in steps["different"]]
        if lines:
            parts.append(f"\n### {said['title']}\n\n{''.join(lines)}")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
