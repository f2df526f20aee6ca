"""What documents may say, and how errors name what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from fedgate.catalog.documents import Broken, Document, DocumentError, from_dict, read_text

FILE = Path("/catalog/a.yaml")


def one(text: str, *, is_json: bool = False) -> Document | Broken:
    items = read_text(text, FILE, is_json=is_json)
    assert len(items) == 1
    return items[0]


def document(text: str) -> Document:
    item = one(text)
    assert isinstance(item, Document), item
    return item


def broken(text: str) -> Broken:
    item = one(text)
    assert isinstance(item, Broken), item
    return item


def test_plain_scalars_stay_text_unless_the_schema_wants_another_type() -> None:
    node = document(
        "kind: node\nname: 010\nengine: sqlite\nurl: on\n"
        "labels: {country: NO, day: 2024-01-01, n: 1_0, t: true}\noptions: {immutable: true}"
    )
    assert node.name == "010"
    assert node.body["url"] == "on"
    assert node.body["labels"] == {"country": "NO", "day": "2024-01-01", "n": "1_0", "t": "true"}
    assert node.body["options"] == {"immutable": True}


def test_a_quoted_number_is_not_a_number() -> None:
    assert (
        'field "priority" must be a whole number, not "7"'
        in broken('kind: placement\ntable: t\nnode: n\nrelation: r\npriority: "7"').message
    )
    assert 'field "rows"' in broken("kind: placement\ntable: t\nnode: n\nrelation: r\nrows: -1").message
    assert (
        'field "rows" must be a whole number, not "many"'
        in broken("kind: placement\ntable: t\nnode: n\nrelation: r\nrows: many").message
    )


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("kind: tabel\nname: t", 'unknown kind "tabel" (perhaps you mean "table")', 1),
        ("name: t", 'field "kind" is missing', 1),
        ("kind: node\nname: n\nurl: x", 'field "engine" is missing', 1),
        ("kind: node\nname: n\nengine: sqlit\nurl: x", '"sqlit" is not known (perhaps you mean "sqlite")', 3),
        ("kind: node\nname: n\nengine: sqlite\nurl: x\nlables: {}", 'unknown field "lables" (perhaps you mean "labels")', 5),
        ("kind: node\nname: n\nengine: sqlite\nurl: x\noptions:\n  imutable: true", 'unknown field "options.imutable"', 6),
        ("kind: node\nname: n\nname: m", 'repeated key "name"', 3),
        ("kind: node\nname: &a n", "anchors (&a) are not allowed", 2),
        ("kind: node\nlabels: {a: *x}", "undefined alias", 2),
        ("kind: node\nname: !!str n", "tags", 2),
        ("kind: table\nname: t\ncolumns:\n  - {name: a, type: int, notnull: true}", 'unknown field "columns[1].notnull"', 4),
        ("kind: table\nname: t\ncolumns:\n  - {name: a, type: int, not_null: yes}", 'must be true or false, not "yes"', 4),
        ("- a\n- b", "a document must be a mapping", 1),
        ("kind: node\n\tname: x", "", 2),
    ],
)
def test_errors_name_the_field_its_line_and_the_nearest_name(text: str, message: str, line: int) -> None:
    found = broken(text)
    assert message in found.message
    assert found.line == line


def test_one_broken_document_leaves_the_others() -> None:
    items = read_text(
        "kind: group\nname: a\nselector: x=1\n---\nkind: view\nname: v\nquery: [\n---\nkind: group\nname: b\nselector: x=2\n", FILE
    )
    assert [type(i).__name__ for i in items] == ["Document", "Broken", "Document"]
    lost = items[1]
    assert isinstance(lost, Broken)
    assert (lost.kind, lost.name, lost.tables) == ("view", "public.v", ("public.v",))


def test_json_files_hold_objects_and_arrays() -> None:
    items = read_text(
        '{"kind":"group","name":"a","selector":"x=1"}\n[{"kind":"group","name":"b","selector":"x=2"}]', FILE, is_json=True
    )
    assert [i.name for i in items] == ["a", "b"]


def test_json_repeated_keys_and_wrong_types_are_errors() -> None:
    assert "repeated key" in one_json('{"kind":"group","kind":"node"}').message
    assert 'field "name" must be a text, not 1' in one_json('{"kind":"group","name":1,"selector":"x=1"}').message


def one_json(text: str) -> Broken:
    item = one(text, is_json=True)
    assert isinstance(item, Broken)
    return item


def test_identities() -> None:
    assert from_dict({"kind": "view", "name": "v", "query": "select 1"}).name == "public.v"
    assert from_dict({"kind": "placement", "table": "s.t", "node": "n", "relation": "r"}).name == "s.t/n/n"
    with pytest.raises(DocumentError, match="unknown kind"):
        from_dict({"kind": "x"})
