"""The prompt of `fedgate sql`, for those who have no psql: statements over several lines, and a few of psql's commands."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from fedgate.errors import SqlError
from fedgate.sql.parse import parse

WELCOME = "fedgate: end statements with a semicolon; \\? for help, \\q to leave"
HELP = """\
  SELECT …;    a statement, over as many lines as it takes; an empty one (;) drops what was begun
  \\d           tables and views
  \\d NAME      columns of one
  \\q           leave (also Ctrl-D); Ctrl-C stops a statement
"""
TABLES = """\
SELECT n.nspname AS "Schema", c.relname AS "Name", CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS "Type",
       obj_description(c.oid, 'pg_class') AS "Comment"
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'fedgate') ORDER BY 1, 2"""
COLUMNS = """\
SELECT attname AS "Column", format_type(atttypid, atttypmod) AS "Type", CASE WHEN attnotnull THEN 'not null' END AS "Nullable",
       col_description(attrelid, attnum) AS "Comment"
  FROM pg_catalog.pg_attribute WHERE attrelid = '{}'::regclass AND attnum > 0 ORDER BY attnum"""


def prompt(run: Callable[[str], object]) -> int:
    """Read and run statements until the end of input; the exit status."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (gives input() its line editing)
    print(WELCOME, file=sys.stderr)
    for statement in statements(input):
        run(statement)
    return 0


def statements(read: Callable[[str], str]) -> Iterator[str]:
    """The statements of lines that `read` gives for a prompt; EOFError ends them, KeyboardInterrupt drops what was begun."""
    lines: list[str] = []
    while True:
        try:
            line = read("fedgate-> " if lines else "fedgate=> ")
        except EOFError:
            print(file=sys.stderr)
            return
        except KeyboardInterrupt:
            print(file=sys.stderr)
            lines.clear()
            continue
        word, _, rest = line.strip().partition(" ")
        if word == "\\q" or (not lines and word in ("exit", "quit")):
            return
        if word.startswith("\\"):
            if (known := _backslash(word, rest.strip())) is not None:
                yield known
        elif lines or line.strip():
            lines.append(line)
            if _complete(text := "\n".join(lines)):
                yield text
                lines.clear()


def _backslash(word: str, rest: str) -> str | None:
    """The statement of a command that starts with a backslash; what has none is answered here."""
    if word in ("\\d", "\\dt", "\\d+"):
        name = rest.rstrip(";")
        return COLUMNS.format(name.replace("'", "''")) if name else TABLES
    if word not in ("\\?", "\\h"):
        print(f"there is no {word} here; use psql for it", file=sys.stderr)
    print(HELP, end="", file=sys.stderr)
    return None


def _complete(text: str) -> bool:
    """Whether a text is worth running: it ends with a semicolon that is not within quotes or a comment."""
    if not text.rstrip().endswith(";"):
        return False
    try:
        parse(text)
    except SqlError as error:
        return not error.message.startswith("unterminated")
    return True
