"""`fedgate check`: reach every node and compare what it has with what the catalog says of it.

For each placement one statement runs over that placement alone: rows are counted, those that break `check`, and NULLs in columns
that the catalog calls not_null; a relation or column that is missing, and a value that does not fit its type, are errors of that
statement. The catalog's own problems are told first.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from fedgate import server
from fedgate.catalog.documents import Document
from fedgate.catalog.names import display, qualified
from fedgate.catalog.snapshot import Snapshot
from fedgate.catalog.stores.base import Change, Content
from fedgate.catalog.stores.files import FilesStore
from fedgate.cli.catalog_changes import who
from fedgate.cli.places import add_catalog_option, add_config_option, existing
from fedgate.cli.waiting import waiting
from fedgate.config import Config, load
from fedgate.errors import SqlError
from fedgate.executor.run import Executor
from fedgate.nodes.relations import quote
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from fedgate.wording import counted

_COLUMNS_A_CALL = 100
_EXAMPLES = """examples:
  fedgate check                          every placement of the catalog in ./catalog
  fedgate check --config fedgate.toml    the catalog, secrets and data roots of a gateway
  fedgate check --write-rows             note how many rows each placement has (as ANALYZE would)
  fedgate check --catalog /etc/fedgate --json | jq '.[] | select(.problems != [])'

Exit status 1 when anything is wrong.
"""


@dataclass(slots=True)
class Finding:
    """What was found at one placement (or, with only a message, in one document). `rows` is None when they could not be counted;
    `document` is the placement's name in the catalog."""

    table: str
    node: str
    shard: str
    rows: int | None = None
    milliseconds: float | None = None
    problems: list[str] = field(default_factory=list)
    document: str = ""


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A catalog that does not change."""

    only: Snapshot

    def snapshot(self) -> Snapshot:
        return self.only


def define(parser: argparse.ArgumentParser) -> None:
    """Its words and options."""
    parser.description = (
        "Reach every node, compare relations and columns with the catalog, count rows and those that break its claims."
    )
    parser.epilog = _EXAMPLES
    add_catalog_option(parser)
    add_config_option(parser)
    parser.add_argument("--json", action="store_true", help="one JSON array of all findings instead of lines")
    parser.add_argument(
        "--write-rows", action="store_true", help="write the counts into the placements' documents, for the planner to estimate by"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check everything; 1 when something is wrong."""
    config = load(args.config, catalog=args.catalog and str(args.catalog))
    store = FilesStore(existing(config.catalog))
    content = store.read()
    snapshot = Snapshot.build(content.documents, content.broken, revision=content.revision)
    findings = [Finding(f'{p.kind} "{p.name}"', "", "", problems=[p.message]) for p in snapshot.problems]
    if not args.json:
        for finding in findings:
            _print(finding)
    for finding in _placements(content, snapshot, config):
        findings.append(finding)
        if not args.json:
            _print(finding)
    if args.json:
        told = [{name: value for name, value in asdict(f).items() if name != "document"} for f in findings]
        json.dump(told, sys.stdout, indent=2, ensure_ascii=False)
        print()
    wrong = sum(1 for f in findings if f.problems)
    print(_summary(findings, len(snapshot.problems)), file=sys.stderr)
    if args.write_rows:
        _write_rows(store, content, findings)
    return 1 if wrong else 0


def _write_rows(store: FilesStore, content: Content, findings: list[Finding]) -> None:
    """Put the counts into the documents; those that are right to a tenth stay, so that a catalog under git changes seldom."""
    documents = {d.name: d for d in content.documents if d.kind == "placement"}
    changes = []
    for finding in findings:
        document = documents.get(finding.document)
        if document is not None and finding.rows is not None and not _about(document.body.get("rows"), finding.rows):
            body = {**document.body, "rows": finding.rows}
            changes.append(Change("put", "placement", document.name, replace(document, body=body, raw=None)))
    if changes:
        store.apply(tuple(changes), expected=content.revision, who=who())
    print(f"rows of {counted(len(changes), 'placement')} written", file=sys.stderr)


def _about(noted: int | None, rows: int) -> bool:
    return noted is not None and abs(noted - rows) * 10 <= rows


def _summary(findings: list[Finding], problems: int) -> str:
    """`problems`: how many of the findings are the catalog's own, told before any node was asked."""
    checked = len(findings) - problems
    wrong = sum(1 for f in findings[problems:] if f.problems)
    said = [f"{counted(problems, 'problem')} in the catalog"] if problems else []
    said.append(f"{counted(checked, 'placement')} checked")
    if checked:
        said.append(f"{wrong} of them wrong" if wrong else "all good")
    return ", ".join(said)


def _print(finding: Finding) -> None:
    shard = f" (shard {finding.shard})" if finding.shard not in ("", "all", finding.node) else ""
    place = f"{finding.table} at {finding.node}{shard}" if finding.node else finding.table
    if finding.rows is not None:
        print(f"{place}: {counted(finding.rows, 'row')}, {finding.milliseconds:.0f} ms" + ("" if finding.problems else ", good"))
    for problem in finding.problems:
        print(f"{place}: {problem}")


def _placements(content: Content, snapshot: Snapshot, config: Config) -> Iterator[Finding]:
    usable = {
        (table.schema, table.name, placement.node.name, shard.name)
        for table in snapshot.tables.values()
        for shard in snapshot.shards(table)
        for placement in shard.placements
    }
    documents = {(d.kind, d.name): d for d in content.documents}
    with server.executor(config) as executor:
        for document in (d for d in content.documents if d.kind == "placement"):
            table = documents[("table", qualified(document.body["table"]))] if _known(document, documents) else None
            if table is None:
                continue
            schema, _, name = table.name.partition(".")
            replicated = table.body.get("distribution") == "replicated"
            shard = "all" if replicated else document.body.get("shard", document.body["node"])
            if (schema, name, document.body["node"], shard) in usable:
                node = documents[("node", document.body["node"])]
                with waiting(f"checking {display('table', table.name)} at {node.name}"):
                    finding = _check(executor, config, node, table, document, str(shard))
                yield finding


def _known(placement: Document, documents: dict[tuple[str, str], Document]) -> bool:
    return ("table", qualified(placement.body["table"])) in documents and ("node", placement.body["node"]) in documents


def _check(executor: Executor, config: Config, node: Document, table: Document, placement: Document, shard: str) -> Finding:
    """One placement, in a catalog of its own that claims nothing which would end the statement early."""
    finding = Finding(display("table", table.name), node.name, shard, document=placement.name)
    plain_columns = [{k: v for k, v in c.items() if k != "not_null"} for c in table.body["columns"]]
    body = {k: v for k, v in table.body.items() if k not in ("colocated_with", "shard_key", "primary_key")}
    unclaimed = {k: v for k, v in placement.body.items() if k != "check"}
    alone = Snapshot.build(
        [
            node,
            Document("table", table.name, {**body, "columns": plain_columns}, table.file),
            Document("placement", placement.name, unclaimed, placement.file),
        ]
    )
    required = [c["name"] for c in table.body["columns"] if c.get("not_null")]
    check = placement.body.get("check")
    started = time.monotonic()
    try:
        counts = _counts(Engine(_Fixed(alone), executor, config.settings), table.name, check, required)
    except SqlError as error:
        hint = f" ({error.hint})" if error.hint and "`fedgate check`" not in error.hint else ""
        finding.problems.append(f"{error.sqlstate}: {error.message}{hint}")
        return finding
    finding.rows = counts[0]
    finding.milliseconds = round((time.monotonic() - started) * 1000, 3)
    if counts[1]:
        finding.problems.append(f"{counted(counts[1], 'row')} against the check {check}")
    for name, nulls in zip(required, counts[2:], strict=True):
        if nulls:
            finding.problems.append(f'{counted(nulls, "row")} with NULL in the not_null column "{name}"')
    return finding


def _counts(engine: Engine, table: str, check: str | None, required: list[str]) -> list[int]:
    """All rows, rows that break the check, NULLs of each required column. The check is read in UTC, as everywhere.

    Every value is read, by a function that no node without types of its own computes, so that missing columns and ill-typed
    values come to light: `count` alone would look at neither bytes in a text nor a text that is not UTF-8.
    """
    schema, _, name = table.partition(".")
    (found,) = engine.catalog.snapshot().tables.values()
    items = ["count(*)", f"count(*) FILTER (WHERE ({check}\n) IS FALSE)" if check else "0::bigint"]
    items += [f"count(*) FILTER (WHERE {quote(c)} IS NULL)" for c in required]
    names = [quote(c.name) for c in found.columns]
    for at in range(0, len(names), _COLUMNS_A_CALL):
        items.append(f"count(*) FILTER (WHERE num_nulls({', '.join(names[at : at + _COLUMNS_A_CALL])}) > 0)")
    text = f"SELECT {', '.join(items)} FROM {quote(schema)}.{quote(name)}"
    with closing(Session(engine, user="fedgate", operator=True)) as session:
        (raw,) = session.parse_script(text)
        rows = session.run(raw).rows
        assert rows is not None
        values: list[Any] = [column.to_pylist()[0] for batch in rows.take() for column in batch.columns]
        session.end_script()
    return [int(v) for v in values[: 2 + len(required)]]
