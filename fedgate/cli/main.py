"""The `fedgate` command: parses the command line and hands over to one file per command.

Results go to stdout, progress and errors to stderr. Exit status: 0 done, 1 problems were found or the statement failed, 2 usage
(a wrong command line or configuration file), 130 interrupted.
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
from fedgate.cli.usage import Parser
from fedgate.errors import SqlError

COMMANDS = (demo, serve, sql, catalog, check)
_CONFIG_ERRORS = "F0"
_SHELLS = ("bash", "zsh", "tcsh")

_ABOUT = """fedgate makes a fleet of small databases look like one PostgreSQL database.

Rows stay where they were written: in SQLite, DuckDB and Parquet files and
PostgreSQL servers. A catalog (a directory of YAML files) says which node holds
which rows; any PostgreSQL client may then ask the gateway."""

_EXAMPLES = """examples:
  fedgate demo                         build a small fleet of real data and serve it
  fedgate sql --catalog demo -c 'SELECT count(*) FROM flights'
  fedgate catalog validate ./catalog   check your own documents, touch no node
  fedgate check                        reach every node of the catalog in ./catalog
  fedgate serve                        serve it to PostgreSQL clients

  fedgate sql --help                   more of a command, with examples
  source <(fedgate --print-completion bash)   complete commands by Tab; also zsh, tcsh
"""


class _PrintCompletion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *words: object) -> None:
        print(shtab.complete(parser, shell=str(words[1])))
        sys.stdout.flush()
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The whole command line; `docs/reference/commands.md` is checked against it."""
    top = Parser(prog="fedgate", description=_ABOUT, epilog=_EXAMPLES)
    top.add_argument("--version", action="version", version=f"fedgate {__version__}", help="print the version and exit")
    about = f"print a completion script and exit; SHELL is one of {', '.join(_SHELLS)}"
    top.add_argument("--print-completion", metavar="SHELL", choices=_SHELLS, action=_PrintCompletion, help=about)
    subparsers = top.add_subparsers(dest="command", title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    try:
        args = parser().parse_args(argv)
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except SqlError as error:
        print_error(error)
        return 2 if error.sqlstate.startswith(_CONFIG_ERRORS) else 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our results went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
