"""`fedgate sql`: statements from the command line, a file, stdin or a prompt, run by the same engine in process."""

from __future__ import annotations

import argparse
import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from fedgate import limits, server
from fedgate.cli.output import FORMATS, Shown, write_rows
from fedgate.cli.places import add_catalog_option, add_config_option, existing
from fedgate.cli.prompt import prompt
from fedgate.cli.told import print_error
from fedgate.cli.waiting import waiting
from fedgate.config import load
from fedgate.errors import SqlError, unsupported
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from fedgate.sql.parse import RawStatement
from fedgate.system.names import RegNames
from fedgate.wording import perhaps_hint

_EXAMPLES = """examples:
  fedgate sql --catalog demo -c 'SELECT origin, count(*) FROM flights GROUP BY 1'
  fedgate sql report.sql --format csv > report.csv
  echo 'SHOW ALL' | fedgate sql --format json
  fedgate sql                          a prompt; end statements with a semicolon, leave with \\q

Notices, command tags and errors go to stderr. Statements run one after another up to the first error; the exit status is then 1.
"""


def define(parser: argparse.ArgumentParser) -> None:
    """Its words and options."""
    parser.description = "Run SQL over the fleet in this process; nothing listens. Results go to stdout."
    parser.epilog = _EXAMPLES
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "-c", "--command", metavar="SQL", dest="sql", action="append", help="the statements to run; may be given several times"
    )
    source.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, help="a file of statements; - is stdin; without it a prompt at a terminal"
    )
    add_catalog_option(parser)
    add_config_option(parser)
    parser.add_argument(
        "--format", choices=FORMATS, default="table", help="table as psql's (default), csv with a header, json, or an Arrow stream"
    )
    parser.add_argument("--user", metavar="ROLE", help="what this role would see; without it everything is seen")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    config = load(args.config, catalog=args.catalog and str(args.catalog))
    existing(config.catalog)
    texts = _texts(args)
    if args.format == "arrow" and sys.stdout.isatty():
        raise SqlError("22023", "an Arrow stream is not for a terminal", hint="Send it to a file or a program: > rows.arrow")
    with server.engine(config) as engine, contextlib.closing(_session(engine, args.user)) as session:
        if texts is None:
            with server.warmed(engine):
                return prompt(lambda statement: run_script(session, statement, args.format))
        return next((status for text in texts if (status := run_script(session, text, args.format))), 0)


def _session(engine: Engine, user: str | None) -> Session:
    """A role's session, or the operator's. Raises SqlError 28000."""
    if user is None:
        return Session(engine, user="fedgate", operator=True)
    roles = engine.catalog.snapshot().roles
    if user not in roles:
        raise SqlError("28000", f'role "{user}" does not exist', hint=perhaps_hint(user, roles))
    return Session(engine, user=user)


def _texts(args: argparse.Namespace) -> list[str] | None:
    """The scripts to run one after another; None when they are to be asked for.

    Read before anything is started, so that a wrong name is told at once.
    """
    if args.sql is not None:
        return [str(text) for text in args.sql]
    path: Path | None = args.file
    if path is None and sys.stdin.isatty():
        return None
    if path is None or str(path) == "-":
        return [sys.stdin.read()]
    try:
        return [path.read_text(encoding="utf-8")]
    except OSError as error:
        raise SqlError("58P01", f'file "{path}" cannot be read: {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise SqlError("22021", f'file "{path}" is not UTF-8: {error.reason} at byte {error.start}') from error


def run_script(session: Session, text: str, out_format: str) -> int:
    """Run all statements of a text; stops at the first error. Returns the exit status.

    They run in a thread of their own: Python hears Ctrl-C in the main thread only, and not while that is inside an engine. It looks
    again and again: a signal that another thread was given does not wake it.
    """
    with ThreadPoolExecutor(1, "fedgate-sql") as pool:
        script = pool.submit(_run_all, session, text, out_format)
        try:
            while not wait([script], limits.POLL_S).done:
                pass
            script.result()
        except SqlError as error:
            _print_notices(session)
            session.failed()
            print_error(error, text)
            return 1
        except KeyboardInterrupt:
            session.cancel()
            wait([script])
            session.failed()
            print("cancelled", file=sys.stderr)
            return 1
    return 0


def _run_all(session: Session, text: str, out_format: str) -> None:
    for raw in session.parse_script(text):
        _run(session, raw, out_format)
    session.end_script()


def _run(session: Session, raw: RawStatement, out_format: str) -> None:
    with waiting("running"):
        result = session.run(raw)
        if (copy := result.incoming or (result.rows if result.copy is not None else None)) is not None:
            copy.close()
            raise unsupported("COPY here", hint="Use --format csv, or psql against a gateway that serves.")
        rows = result.rows
        if rows is not None:
            shown = Shown(
                session.settings.style, RegNames(session.engine.shown(session.context()), session.context().search_path).texts
            )
            try:
                write_rows(out_format, rows.columns, rows.take(), shown, rows.schema)
            finally:
                rows.close()
            sys.stdout.flush()
    _print_notices(session)
    if rows is None and out_format == "table":
        print(result.tag, file=sys.stderr)


def _print_notices(session: Session) -> None:
    for notice in session.take_notices():
        label = "NOTICE" if notice.sqlstate[:2] in ("00", "02") else "WARNING"
        print(f"{label}:  {notice.message}", file=sys.stderr)
        if notice.hint:
            print(f"HINT:  {notice.hint}", file=sys.stderr)
