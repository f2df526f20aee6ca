"""For tools that cannot be had here: runs the statements that do what theirs do, each a step.

python statements.py FILE: statements apart by blank lines, a step's name in the comment above. Numbers of objects differ between
servers, so of a statement about catalogs the step is its columns and the count of its rows: the frame compares the rows.
"""

import re
import sys
from pathlib import Path

import psycopg
from steps import step, version

CATALOG = re.compile(r"\bpg_(?!sleep)\w+|information_schema|::reg", re.IGNORECASE)


def said(connection, text):
    cursor = connection.execute(text)
    if cursor.description is None:
        return cursor.statusmessage
    rows = cursor.fetchall()
    names = [(column.name, column.type_code) for column in cursor.description if column.type_code < 16384]
    if CATALOG.search(text):
        return {"columns": names, "rows": len(rows)}
    return {"columns": names, "rows": rows if not text.startswith("EXPLAIN") else len(rows)}


def main():
    version("statements of our own")
    with psycopg.connect(autocommit=True) as connection:
        for block in Path(sys.argv[1]).read_text(encoding="utf-8").strip().split("\n\n"):
            name, _, text = block.removeprefix("-- ").partition("\n")
            step(name, lambda text=text: said(connection, text))


main()
