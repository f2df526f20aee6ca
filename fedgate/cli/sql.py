"""`fedgate sql`: statements from the command line, a file or a prompt, run by the same engine in process."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from fedgate import server
from fedgate.cli.output import FORMATS, print_error, write_rows
from fedgate.cli.serve import add_catalog_option
from fedgate.config import load
from fedgate.errors import SqlError
from fedgate.session.session import Session

_EXAMPLES = """examples:
  fedgate sql -c 'SELECT origin, count(*) FROM flights GROUP BY 1'
  fedgate sql report.sql --format csv > report.csv
  echo 'SHOW ALL' | fedgate sql --format json
  fedgate sql                          a prompt; end statements with a semicolon, leave with \\q
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "sql",
        help="run SQL without a server",
        description="Run SQL over the fleet in this process; nothing listens. Results go to stdout.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-c", "--command", metavar="SQL", help="the statements to run")
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a file of statements; - or nothing is stdin")
    add_catalog_option(parser)
    parser.add_argument("--config", metavar="FILE", type=Path, help="a fedgate.toml")
    parser.add_argument("--format", choices=FORMATS, default="table", help="of results (default table)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    config = load(args.config, catalog=args.catalog)
    with server.engine(config) as engine, contextlib.closing(Session(engine, user="fedgate")) as session:
        if args.command is not None:
            return run_script(session, args.command, args.format)
        if args.file is None and sys.stdin.isatty():
            return _prompt(session, args.format)
        return run_script(session, _read(args.file), args.format)


def _read(path: Path | None) -> str:
    if path is None or str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SqlError("58P01", f'file "{path}" cannot be read: {error.strerror}') from error


def run_script(session: Session, text: str, out_format: str) -> int:
    """Run all statements of a text; stops at the first error. Returns the exit status."""
    try:
        for raw in session.parse_script(text):
            result = session.run(raw)
            if result.rows is not None:
                style = session.settings.style
                write_rows(out_format, result.rows.columns, result.rows.take(), style, result.rows.schema)
            elif out_format == "table":
                print(result.tag, file=sys.stderr)
            _print_notices(session)
        session.end_script()
    except SqlError as error:
        _print_notices(session)
        session.failed()
        print_error(error, text)
        return 1
    except KeyboardInterrupt:
        session.cancel()
        session.failed()
        print("cancelled", file=sys.stderr)
        return 1
    return 0


def _print_notices(session: Session) -> None:
    for notice in session.take_notices():
        label = "WARNING" if notice.sqlstate != "00000" else "NOTICE"
        print(f"{label}:  {notice.message}", file=sys.stderr)


def _prompt(session: Session, out_format: str) -> int:
    """A small read-eval-print loop for those who have no psql."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (gives input() its line editing)
    print("fedgate: end statements with a semicolon, leave with \\q", file=sys.stderr)
    for statement in _statements():
        run_script(session, statement, out_format)
    return 0


def _statements() -> Iterator[str]:
    lines: list[str] = []
    while True:
        try:
            line = input("fedgate=> " if not lines else "fedgate-> ")
        except EOFError:
            return
        except KeyboardInterrupt:
            print(file=sys.stderr)
            lines.clear()
            continue
        if line.strip() in ("\\q", "exit", "quit") and not lines:
            return
        lines.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(lines)
            lines.clear()
