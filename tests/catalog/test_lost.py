"""A file that cannot be read takes with it what it may have said, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from fedgate.catalog.lost import EVERY, claims
from fedgate.catalog.snapshot import Snapshot
from fedgate.catalog.stores.files import FilesStore
from fedgate.errors import SqlError

FLEET = """kind: node
name: a
engine: sqlite
url: a.db
---
kind: node
name: b
engine: sqlite
url: b.db
---
kind: table
name: t
columns: [{name: id, type: integer}]
---
kind: table
name: u
columns: [{name: id, type: integer}]
---
kind: placement
table: t
node: a
relation: t
---
kind: placement
table: u
node: a
relation: u
"""
PLACED = "kind: placement\ntable: t\nnode: b\nrelation: t\n"


def unusable(directory: Path, data: bytes, name: str = "more.yaml") -> tuple[dict[str, str], list[str]]:
    """With a second file beside the fleet's: the tables that cannot be used and why, and the problems' messages."""
    (directory / "fleet.yaml").write_text(FLEET)
    (directory / name).write_bytes(data)
    content = FilesStore(directory).read()
    snapshot = Snapshot.build(content.documents, content.broken)
    found = {}
    for table in ("t", "u"):
        try:
            snapshot.find(None, table, ("public",))
        except SqlError as error:
            found[table] = error.message.replace(f"{directory}/", "")
    return found, [p.message.replace(f"{directory}/", "") for p in snapshot.problems]


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe\0placement: 1\n",
        b"notes: the placement of t at node b\n caf\xe9: [\n",
        b"services:\n  web: {deploy: {placement: {constraints: [a]}}}\n",
        b"kind: node\nname: c\xe9\nengine: sqlite\nurl: c.db\n",
        b"kind: table\nname: caf\xe9\ncolumns: [{name: id, type: integer}]\n",
        b"just words about a placement",
        b"\xff\xfe" + "kind: group\nname: g\nselector: a=b\n".encode("utf-16-le"),
    ],
)
def test_what_holds_no_placement_takes_no_table_with_it(tmp_path: Path, data: bytes) -> None:
    found, problems = unusable(tmp_path, data)
    assert found == {}
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("data", "tables", "message"),
    [
        (PLACED.encode() + b"comment: caf\xe9\n", "t", "more.yaml:5: the document is not UTF-8"),
        (PLACED.encode() + b"comment: [", "t", "more.yaml:6: did not find expected node content"),
        (b"kind: placement\ntab", "tu", "could not find expected ':'"),
        (b"kind: placement\ntable: caf\xe9\nnode: b\nrelation: t\n", "tu", "more.yaml:2: the document is not UTF-8"),
        (PLACED.replace("kind", "knid").encode(), "t", 'field "kind" is missing'),
        (b"knid: Placment\nnode: b\nrelation: t\n", "tu", 'field "kind" is missing'),
        (PLACED.encode() + b"kind: placement\ntable: u\nnode: b\nrelation: u\n", "tu", 'repeated key "kind"'),
        (PLACED.encode() + b"kind: placement\nnode: b\nrelation: u\n", "tu", 'repeated key "kind"'),
        (b"- " + PLACED.replace("\n", "\n  ").encode(), "t", "a document must be a mapping"),
        (b"\xff\xfe" + PLACED.encode("utf-16-le"), "t", "the file is UTF-16, not UTF-8"),
        (PLACED.encode("utf-16-le"), "t", "more.yaml:1: "),
    ],
)
def test_what_may_hold_a_placement_takes_its_table_with_it(tmp_path: Path, data: bytes, tables: str, message: str) -> None:
    found, problems = unusable(tmp_path, data)
    assert set(found) == set(tables)
    assert message in problems[0]
    assert all(message in said for said in found.values())


def test_json_that_is_cut_off_takes_every_table_with_it_that_it_names(tmp_path: Path) -> None:
    pairs = '[{"kind": "placement", "table": "t", "node": "b", "relation": "t"}, {"kind": "placement", "table": "u", "no'
    assert set(unusable(tmp_path, pairs.encode(), "more.json")[0]) == {"t", "u"}
    assert set(unusable(tmp_path, pairs[:70].encode(), "more.json")[0]) == {"t"}
    assert set(unusable(tmp_path, pairs[:-15].encode(), "more.json")[0]) == {"t", "u"}


def test_the_other_documents_of_a_file_with_a_byte_that_is_not_utf8_are_served(tmp_path: Path) -> None:
    data = PLACED.replace("node: b", "node: b\nshard: x").encode() + b"---\nkind: group\nname: g\nselector: a=b\ncomment: \xe9\n"
    found, problems = unusable(tmp_path, data)
    assert found == {}
    assert problems == ["more.yaml:10: the document is not UTF-8"]
    content = FilesStore(tmp_path).read()
    assert "public.t/b/x" in [d.name for d in content.documents]


def test_the_cause_is_told_before_what_follows_from_it(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET.replace("name: u\ncolumns:", "name: u\ncolumns: x:"))
    content = FilesStore(tmp_path).read()
    snapshot = Snapshot.build(content.documents, content.broken)
    with pytest.raises(SqlError) as caught:
        snapshot.find(None, "u", ("public",))
    assert caught.value.sqlstate == "55000"
    assert caught.value.message.replace(f"{tmp_path}/", "") == (
        'relation "u" cannot be used: fleet.yaml:17: mapping values are not allowed in this context'
    )
    assert [(p.kind, p.name) for p in snapshot.problems] == [("table", "u"), ("placement", "u/a/a")]
    assert "fleet.yaml:17: mapping values" in snapshot.problems[1].message


def test_a_node_that_cannot_be_used_is_the_cause_at_its_placements(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET.replace("name: a\nengine: sqlite", "name: a\nengine: sqlit"))
    content = FilesStore(tmp_path).read()
    with pytest.raises(SqlError, match=r'node "a" cannot be used: .*fleet.yaml:3: field "engine"'):
        Snapshot.build(content.documents, content.broken).find(None, "t", ("public",))


def test_claims_of_text_in_braces() -> None:
    assert claims(None, '{"kind": "placement", "node": "n", "table": "s.t", "shard": "x", ').tables == ("s.t",)
    assert claims(None, '{"kind": "placement", "node": "n", ').tables == EVERY
    assert claims(None, '{"kind": "table", "name": "t", "columns": [{"name": "c"').name == "public.t"
