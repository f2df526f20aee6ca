"""The `fedgate` command: parses the command line and hands over to one file per command.

Results go to stdout, progress and errors to stderr. Exit status: 0 done, 1 problems were found or the statement failed, 2 usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import shtab

from fedgate import __version__
from fedgate.cli import catalog, check, demo, serve, sql
from fedgate.cli.output import print_error
from fedgate.errors import SqlError

COMMANDS = (serve, demo, sql, catalog, check)

_ABOUT = """fedgate makes a fleet of small databases look like one PostgreSQL database.

Rows stay where they were written: in SQLite, DuckDB and Parquet files and PostgreSQL servers. A catalog (a directory of YAML
files) says which node holds which rows; any PostgreSQL client may then ask the gateway."""

_EXAMPLES = """examples:
  fedgate demo                         build a small fleet of real data and serve it
  fedgate serve --catalog ./catalog    serve your own fleet
  fedgate sql -c 'SELECT count(*) FROM flights'
  fedgate catalog validate ./catalog   check the documents, touch no node

Shell completion:  fedgate --print-completion bash > /etc/bash_completion.d/fedgate   (or zsh, tcsh)
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line; `docs/reference/commands.md` is checked against it."""
    top = argparse.ArgumentParser(
        prog="fedgate", description=_ABOUT, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--version", action="version", version=f"fedgate {__version__}")
    shtab.add_argument_to(top, ["--print-completion"], help="print a completion script for this shell and exit")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        return int(args.run(args))
    except SqlError as error:
        print_error(error)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our results went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
