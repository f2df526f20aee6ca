"""The `fedgate` command: parses the command line and hands over to one file per command.

Results go to stdout, progress and errors to stderr. Exit status: 0 done, 1 problems were found or the statement failed, 2 usage
(a wrong command line or configuration file), 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

from fedgate import __version__
from fedgate.cli.told import print_error
from fedgate.cli.usage import Parser
from fedgate.errors import SqlError

COMMANDS: Final = {
    "demo": "build a demo fleet of real data and serve it",
    "serve": "serve a catalog to PostgreSQL clients",
    "sql": "run SQL without a server",
    "catalog": "check, change and show the catalog's documents",
    "check": "reach every node and compare it with the catalog",
    "user": "say who may connect, and by which password",
}
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
  fedgate user add ann --admin         let only those in who have a password

  fedgate sql --help                   more of a command, with examples
  source <(fedgate --print-completion bash)   complete commands by Tab; also zsh, tcsh
"""


class _PrintCompletion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *words: object) -> None:
        import shtab

        print(shtab.complete(parser, shell=str(words[1])))
        sys.stdout.flush()
        parser.exit()


def parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The command line. Of the commands only the one that `words` are about has its options, since drivers take their time to
    import; without `words` all of it, which `docs/reference/commands.md` is checked against.
    """
    whole = words is None or any(word.startswith("--print-completion") for word in words)
    wanted = COMMANDS if whole else [next((word for word in words or () if word in COMMANDS), "")]
    top = Parser(prog="fedgate", description=_ABOUT, epilog=_EXAMPLES)
    top.add_argument("--version", action="version", version=f"fedgate {__version__}", help="print the version and exit")
    about = f"print a completion script and exit; SHELL is one of {', '.join(_SHELLS)}"
    top.add_argument("--print-completion", metavar="SHELL", choices=_SHELLS, action=_PrintCompletion, help=about)
    subparsers = top.add_subparsers(dest="command", title="commands", metavar="COMMAND", required=True)
    for name, help_line in COMMANDS.items():
        command = subparsers.add_parser(name, help=help_line)
        if name in wanted:
            importlib.import_module(f"fedgate.cli.{name}").define(command)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    try:
        words = sys.argv[1:] if argv is None else argv
        args = parser(words).parse_args(words)
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
