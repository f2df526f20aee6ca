"""`fedgate user …`: who may connect. Writes role documents into the catalog, through its store and its log.

A password comes from the terminal without echo, from stdin, or is made and shown once; it is in no argument, no log and no
document: what the catalog keeps is PostgreSQL's SCRAM verifier of it.

Exit status: 0 done; 1 refused; 2 usage.
"""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from pathlib import Path
from typing import Any, Final

from fedgate.catalog.documents import Document, DocumentError, from_dict
from fedgate.catalog.stores.base import Change, Content
from fedgate.catalog.stores.files import FilesStore
from fedgate.cli import catalog_changes as changes
from fedgate.cli.places import add_catalog_option, existing
from fedgate.config import DEFAULT_CATALOG
from fedgate.errors import SqlError
from fedgate.pgwire.scram import make_verifier

ROLES_FILE: Final = "roles.yaml"
_GENERATED_BYTES: Final = 24
_ABOUT = """Say who may connect, and by which password.

While the catalog has no role, everybody on this machine may read everything.
The first one ends that: every client must then log in, and reads what its role
is granted. Gateways that run see the change at once, without a restart."""
_EXAMPLES = """examples:
  fedgate user add ann --admin               asks for the password; an admin sees every table and every session
  fedgate user add grafana --grant flights --grant weather --connection-limit 20
  fedgate user add etl --grant '*' --generate    makes a password and prints it, once
  fedgate user passwd grafana
  fedgate user remove grafana

Columns and rows of a table, settings and memberships are written into the role's
document, which `fedgate catalog get role NAME` shows.
"""
_DETAILS = {
    "add": (
        f"Make a role that can log in. It is a document of the catalog, new ones go to {ROLES_FILE}. It reads the tables that "
        "--grant names and no others."
    ),
    "passwd": "Give a role another password. Connections that are open stay.",
    "remove": "Take a role out of the catalog. Refused while another role is a member of it.",
}
_EXAMPLE = {
    "add": "fedgate user add grafana --grant flights --valid-until '2030-01-01 00:00:00+00'",
    "passwd": "fedgate user passwd grafana --generate",
    "remove": "fedgate user remove grafana --catalog /etc/fedgate/catalog",
}


def define(parser: argparse.ArgumentParser) -> None:
    """Its words and options."""
    parser.description = _ABOUT
    parser.epilog = _EXAMPLES
    parser.set_defaults(run=run)
    commands = parser.add_subparsers(dest="user_command", title="commands", metavar="COMMAND", required=True)
    add = _command(commands, "add")
    add.add_argument("--admin", action="store_true", help="may read every table and see and stop every session")
    add.add_argument(
        "--grant",
        metavar="TABLE",
        action="append",
        default=[],
        help="a table or view that it may read; '*': all; repeat for more",
    )
    add.add_argument("--connection-limit", metavar="N", type=int, help="sessions that it may have at once (default: no limit)")
    add.add_argument("--valid-until", metavar="MOMENT", help="when its password ends, such as '2030-01-01 00:00:00+00'")
    for sub in (add, _command(commands, "passwd")):
        how = sub.add_mutually_exclusive_group()
        how.add_argument("--password-stdin", action="store_true", help="read the password from stdin, a line; default: ask for it")
        how.add_argument("--generate", action="store_true", help="make a password and print it to stdout; it is not kept anywhere")
    _command(commands, "remove")


def _command(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str) -> argparse.ArgumentParser:
    sub = commands.add_parser(
        name,
        help=_DETAILS[name].split(". ")[0].rstrip("."),
        description=_DETAILS[name],
        epilog=f"example:\n  {_EXAMPLE[name]}\n",
    )
    sub.add_argument("name", metavar="NAME", help="the role's name, which clients connect as")
    add_catalog_option(sub)
    sub.set_defaults(catalog=Path(DEFAULT_CATALOG))
    return sub


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; the exit status. Raises SqlError for what prevents it."""
    store = FilesStore(existing(args.catalog))
    return {"add": _add, "passwd": _passwd, "remove": _remove}[args.user_command](args, store)


def _add(args: argparse.Namespace, store: FilesStore) -> int:
    if _role(store.read(), args.name) is not None:
        raise SqlError("42710", f'role "{args.name}" already exists', hint=f"fedgate user passwd {args.name} changes its password.")
    body: dict[str, Any] = {"kind": "role", "name": args.name, "verifier": ""}
    if args.connection_limit is not None:
        body["connection_limit"] = args.connection_limit
    if args.valid_until is not None:
        body["valid_until"] = args.valid_until
    if args.admin:
        body["admin"] = True
    if args.grant:
        body["grants"] = [{"table": table} for table in args.grant]
    password = _password(args)
    current = store.read()
    wanted = _document({**body, "verifier": make_verifier(password).text}, store.directory / ROLES_FILE)
    if not _applied(store, current, Change("put", "role", args.name, wanted)):
        return 1
    _say(f"added role {args.name}")
    if not (args.grant or args.admin):
        _say("it may read nothing yet: add grants to its document, or use --grant next time")
    if not any(d.kind == "role" for d in current.documents):
        _say("it is the first role: from now on every client must log in")
    _show(args, password)
    return 0


def _passwd(args: argparse.Namespace, store: FilesStore) -> int:
    changes.find(store.read(), "role", args.name)
    password = _password(args)
    current = store.read()
    old = changes.find(current, "role", args.name)
    wanted = _document({**old.body, "verifier": make_verifier(password).text}, old.file)
    if not _applied(store, current, Change("put", "role", old.name, wanted)):
        return 1
    _say(f"changed the password of role {args.name}")
    _show(args, password)
    return 0


def _remove(args: argparse.Namespace, store: FilesStore) -> int:
    current = store.read()
    old = changes.find(current, "role", args.name)
    if not _applied(store, current, Change("delete", "role", old.name)):
        return 1
    _say(f"removed role {args.name}")
    if sum(d.kind == "role" for d in current.documents) == 1:
        _say("it was the last role: from now on everybody on the gateway's machine may read everything, and nobody from elsewhere")
    return 0


def _role(content: Content, name: str) -> Document | None:
    return next((d for d in content.documents if d.kind == "role" and d.name == name), None)


def _document(body: dict[str, Any], file: Path | None) -> Document:
    try:
        return from_dict(body, file)
    except DocumentError as error:
        field = ".".join(map(str, error.path))
        raise SqlError("22023", f"{field}: {error.message}" if field else error.message, hint=error.hint) from None


def _applied(store: FilesStore, current: Content, change: Change) -> bool:
    """Whether the change was made; one that would bring a problem is not."""
    if not changes.acceptable(current, (change,)):
        return False
    store.apply((change,), expected=current.revision, who=changes.who())
    return True


def _password(args: argparse.Namespace) -> str:
    """Raises SqlError 22023 for one that cannot be used."""
    if args.generate:
        return secrets.token_urlsafe(_GENERATED_BYTES)
    if args.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        if not sys.stdin.isatty():
            raise SqlError("22023", "there is no terminal to ask for the password", hint="Use --password-stdin or --generate.")
        password = getpass.getpass(f"Password of role {args.name}: ")
        if getpass.getpass("The same again: ") != password:
            raise SqlError("22023", "the two passwords differ")
    if not password or "\0" in password:
        raise SqlError("22023", "the password is empty" if not password else "a password cannot contain a zero byte")
    return password


def _show(args: argparse.Namespace, password: str) -> None:
    if args.generate:
        print(password)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
