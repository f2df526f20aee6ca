"""`fedgate catalog …`: check, change and look at the catalog's documents. No command here touches a node.

Exit status: 0 done; 1 problems were found, a change was refused, or `diff` found differences; 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fedgate.catalog.documents import Document
from fedgate.catalog.names import KINDS, display
from fedgate.catalog.stores.base import Change, Content
from fedgate.catalog.stores.edit import written
from fedgate.catalog.stores.files import FilesStore
from fedgate.cli import catalog_changes as changes
from fedgate.cli.places import add_catalog_option, existing
from fedgate.config import DEFAULT_CATALOG
from fedgate.wording import counted

_EXAMPLES = """examples:
  fedgate catalog validate ./catalog        check every document below a directory
  fedgate catalog diff -f new.yaml          what would change
  fedgate catalog apply -f new.yaml         put new documents in, replace those of the same name
  fedgate catalog get table weather         print one document
  fedgate catalog list node                 names, one a line
  fedgate catalog delete placement weather/jfk
  fedgate catalog log                       who changed what, and when
"""
_DETAILS = {
    "validate": "Read every document and everything that they say about each other. Problems go to stdout, one a line.",
    "apply": (
        "Put documents into the catalog: new ones are added, those of the same kind and name replaced, others left alone. Comments "
        "in the catalog's files stay. Nothing is changed when the result would have a problem that the catalog does not have now."
    ),
    "diff": "Show what `apply` would change, as a unified diff. Exit status 1 when there is a difference.",
    "get": "Print a document as it is written.",
    "list": "List documents: kind and name, or the names of one kind.",
    "delete": "Take a document out of the catalog. Refused while another document needs it.",
    "log": "Print the log, oldest first: when, who, revision, what. Edits made by hand are noted at the next applied change.",
}
_EXAMPLE = {
    "validate": "fedgate catalog validate ./catalog",
    "apply": "fedgate catalog apply -f new.yaml --dry-run",
    "diff": "fedgate catalog diff -f new.yaml",
    "get": "fedgate catalog get table weather",
    "list": "fedgate catalog list placement",
    "delete": "fedgate catalog delete node jfk",
    "log": "fedgate catalog log --catalog /etc/fedgate/catalog",
}


def define(parser: argparse.ArgumentParser) -> None:
    """Its words and options."""
    parser.description = "Work on the catalog: the documents that say which node holds which rows. No node is touched."
    parser.epilog = _EXAMPLES
    parser.set_defaults(run=run)
    commands = parser.add_subparsers(dest="catalog_command", title="commands", metavar="COMMAND", required=True)
    _command(commands, "validate").add_argument(
        "path", metavar="PATH", nargs="?", type=Path, help=f"a directory or a file (default: the catalog, ./{DEFAULT_CATALOG})"
    )
    for name in ("apply", "diff"):
        sub = _command(commands, name)
        sub.add_argument("-f", "--file", metavar="PATH", required=True, type=Path, help="a file, a directory, or - for stdin")
        if name == "apply":
            sub.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    for name in ("get", "delete"):
        sub = _command(commands, name)
        sub.add_argument("kind", metavar="KIND", choices=KINDS, help=", ".join(KINDS))
        sub.add_argument("name", metavar="NAME", help="its name; of a placement TABLE/NODE or TABLE/NODE/SHARD")
    _command(commands, "list").add_argument("kind", metavar="KIND", nargs="?", choices=KINDS, help=", ".join(KINDS))
    _command(commands, "log")


def _command(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str) -> argparse.ArgumentParser:
    sub = commands.add_parser(
        name,
        help=_DETAILS[name].split(". ")[0].split(": ")[0].rstrip("."),
        description=_DETAILS[name],
        epilog=f"example:\n  {_EXAMPLE[name]}\n",
    )
    add_catalog_option(sub)
    sub.set_defaults(catalog=Path(DEFAULT_CATALOG))
    return sub


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; the exit status. Raises SqlError for what prevents it."""
    commands = {
        "validate": _validate,
        "apply": _apply,
        "diff": _diff,
        "get": _get,
        "list": _list,
        "delete": _delete,
        "log": _log,
    }
    return commands[args.catalog_command](args)


def _store(args: argparse.Namespace) -> FilesStore:
    return FilesStore(existing(args.catalog))


def _validate(args: argparse.Namespace) -> int:
    content = changes.content_of(args.path or existing(args.catalog))
    snapshot = changes.snapshot_of(content)
    changes.print_problems(snapshot.problems)
    count = len(content.documents) + len(content.broken)
    print(f"{counted(count, 'document')}, {counted(len(snapshot.problems), 'problem')}", file=sys.stderr)
    return 1 if snapshot.problems else 0


def _planned(args: argparse.Namespace) -> tuple[FilesStore, Content, list[changes.Planned]] | None:
    """The store, what it holds and what would change; None when the new documents have problems of their own."""
    store = _store(args)
    current = store.read()
    new = changes.content_of(args.file)
    if new.broken:
        for item in new.broken:
            where = f"{item.file}:{item.line}: " if item.file else ""
            print(f'{item.kind or "file"} "{item.name}": {where}{item.message}')
        return None
    return store, current, changes.plan(current, new)


def _apply(args: argparse.Namespace) -> int:
    planned = _planned(args)
    if planned is None:
        return 1
    store, current, items = planned
    wanted = tuple(Change("put", i.new.kind, i.new.name, i.new) for i in items if i.what != "unchanged" and i.new is not None)
    if not changes.acceptable(current, wanted):
        return 1
    for item in items:
        print(f"{item.what} {item.kind} {display(item.kind, item.name)}")
    if args.dry_run:
        print("nothing was changed (--dry-run)", file=sys.stderr)
    elif wanted:
        revision = store.apply(wanted, expected=current.revision, who=changes.who())
        print(f"revision {revision}", file=sys.stderr)
    return 0


def _diff(args: argparse.Namespace) -> int:
    planned = _planned(args)
    if planned is None:
        return 1
    _, _, items = planned
    different = [i for i in items if i.what != "unchanged"]
    for item in different:
        sys.stdout.writelines(changes.unified(item))
    return 1 if different else 0


def _get(args: argparse.Namespace) -> int:
    document = changes.find(_store(args).read(), args.kind, args.name)
    print(written(document), end="")
    return 0


def _list(args: argparse.Namespace) -> int:
    documents = _store(args).read().documents
    for document in sorted(documents, key=lambda d: (KINDS.index(d.kind), d.name)):
        name = display(document.kind, document.name)
        if args.kind is None:
            print(f"{document.kind} {name}")
        elif document.kind == args.kind:
            print(name)
    return 0


def _delete(args: argparse.Namespace) -> int:
    store = _store(args)
    current = store.read()
    document: Document = changes.find(current, args.kind, args.name)
    wanted = (Change("delete", document.kind, document.name),)
    if not changes.acceptable(current, wanted):
        return 1
    revision = store.apply(wanted, expected=current.revision, who=changes.who())
    print(f"deleted {document.kind} {display(document.kind, document.name)}")
    print(f"revision {revision}", file=sys.stderr)
    return 0


def _log(args: argparse.Namespace) -> int:
    for entry in _store(args).log():
        what = ", ".join(" ".join(w for w in (i["op"], i["kind"], i["name"]) if w) for i in entry.what)
        print(f"{entry.at} {entry.who or '-'} {entry.revision} {what}")
    return 0
