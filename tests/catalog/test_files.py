"""The files store: reading, revisions, edits that keep comments, the log, watching."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fedgate.catalog.documents import Broken, Document, from_dict, read_text
from fedgate.catalog.stores.base import Change
from fedgate.catalog.stores.files import FilesStore, read_file
from fedgate.catalog.stores.watch import Watcher
from fedgate.errors import SqlError

TEXT = """\
# the fleet of the north

kind: node
name: a            # the first
engine: sqlite
# where it is
url: a.db
labels: {x: "1"}   # why
---
kind: group
name: g
selector: x=1
"""


def store_of(tmp_path: Path, text: str = TEXT) -> FilesStore:
    (tmp_path / "fleet.yaml").write_text(text)
    return FilesStore(tmp_path)


def put(store: FilesStore, text: str, file: Path | None = None) -> str:
    documents = [d for d in read_text(text, file) if isinstance(d, Document)]
    changes = tuple(Change("put", d.kind, d.name, d) for d in documents)
    return store.apply(changes, expected=store.read().revision, who="ann")


def test_what_is_read(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    for name in (".hidden.yaml", "schema/node.json", ".git/x.yaml", "notes.txt", "sub/schema/more.yml", "b.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"kind": "group", "name": name.replace("/", "-"), "selector": "a=b"}))
    assert sorted(d.name for d in store.read().documents) == ["a", "b.json", "g", "sub-schema-more.yml"]


def test_the_revision_is_of_the_content(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    before = store.read().revision
    assert FilesStore(tmp_path).read().revision == before
    (tmp_path / "fleet.yaml").write_text(TEXT + "# more\n")
    assert store.read().revision != before


def test_put_changes_only_the_fields_that_change(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    put(store, 'kind: node\nname: a\nengine: sqlite\nurl: b.db # moved\nlabels: {x: "1"}\ncomment: new\n', tmp_path / "other.yaml")
    text = (tmp_path / "fleet.yaml").read_text()
    assert text == TEXT.replace("# where it is\nurl: a.db\n", "url: b.db # moved\n").replace("# why\n", "# why\ncomment: new\n")


def test_put_the_same_changes_nothing_but_the_document(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    put(store, "kind: group\nname: g\nselector: x=2\n")
    assert (tmp_path / "fleet.yaml").read_text() == TEXT.replace("x=1", "x=2")


def test_new_documents_go_into_a_file_of_their_sources_name(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    store = store_of(tmp_path / "cat")
    source = tmp_path / "in" / "new.yaml"
    put(store, "# note\nkind: node\nname: z\nengine: duckdb\nurl: z.db\n---\nkind: group\nname: h\nselector: x=1 # all\n", source)
    documents = {d.name: d for d in store.read().documents}
    assert documents["z"].body["url"] == str(tmp_path / "in" / "z.db")
    assert "selector: x=1 # all" in (tmp_path / "cat" / "new.yaml").read_text()
    assert documents["h"].file == tmp_path / "cat" / "new.yaml"


@pytest.mark.parametrize(("name", "left"), [("a", ["g"]), ("g", ["a"])])
def test_delete(tmp_path: Path, name: str, left: list[str]) -> None:
    store = store_of(tmp_path)
    kind = "node" if name == "a" else "group"
    store.apply((Change("delete", kind, name),), expected=store.read().revision, who="ann")
    content = store.read()
    assert [d.name for d in content.documents] == left
    assert not content.broken
    other = "group" if kind == "node" else "node"
    store.apply((Change("delete", other, left[0]),), expected=content.revision, who="ann")
    assert not (tmp_path / "fleet.yaml").exists()


def test_json_files_are_edited_too(tmp_path: Path) -> None:
    group = {"kind": "group", "name": "g", "selector": "x=1"}
    (tmp_path / "a.json").write_text(json.dumps([group, {**group, "name": "h"}]))
    store = FilesStore(tmp_path)
    store.apply((Change("put", "group", "g", from_dict({**group, "selector": "x=2"})),), expected=store.read().revision, who="ann")
    assert json.loads((tmp_path / "a.json").read_text()) == [{**group, "selector": "x=2"}, {**group, "name": "h"}]


def test_apply_compares_and_swaps(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    with pytest.raises(SqlError) as caught:
        store.apply((Change("delete", "node", "a"),), expected="0", who="ann")
    assert caught.value.sqlstate == "40001"
    with pytest.raises(SqlError) as caught:
        store.apply((Change("delete", "node", "b"),), expected=store.read().revision, who="ann")
    assert caught.value.sqlstate == "42704"
    assert (tmp_path / "fleet.yaml").read_text() == TEXT


def test_the_log_is_a_chain_that_notes_hand_edits(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    first = store.read().revision
    second = put(store, "kind: group\nname: g\nselector: x=2\n")
    (tmp_path / "fleet.yaml").write_text(TEXT)
    third = put(store, "kind: group\nname: g\nselector: x=3\n")
    entries = store.log()
    assert [(e.before, e.revision, e.who, e.what[0]["op"]) for e in entries] == [
        ("", first, "", "edit"),
        (first, second, "ann", "put"),
        (second, first, "", "edit"),
        (first, third, "ann", "put"),
    ]
    log = tmp_path / ".fedgate" / "log.jsonl"
    log.write_text(log.read_text().replace('"ann"', '"bob"', 1))
    with pytest.raises(SqlError, match="was changed"):
        store.log()


def test_watch_sees_edits_and_sets_broken_documents_aside(tmp_path: Path) -> None:
    watcher = Watcher(store_of(tmp_path))
    assert watcher.poll() is None
    (tmp_path / "fleet.yaml").write_text(TEXT.replace("selector: x=1", "selector: [x"))
    new = watcher.poll()
    assert new is not None
    assert new is watcher.snapshot
    assert list(new.nodes) == ["a"]
    assert [(p.kind, p.name) for p in new.problems] == [("group", "g")]
    assert watcher.poll() is None


def test_watch_does_not_read_what_cannot_have_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(tmp_path)
    os.utime(tmp_path / "fleet.yaml", (1, 1))
    watcher = Watcher(store)
    watcher.poll()
    monkeypatch.setattr(store, "read", None)
    assert watcher.poll() is None


def test_watch_thread_calls_back(tmp_path: Path) -> None:
    import threading

    seen = threading.Event()
    watcher = Watcher(store_of(tmp_path))
    watcher.start(lambda snapshot: seen.set(), interval_s=0.01)
    (tmp_path / "more.yaml").write_text("kind: group\nname: k\nselector: x=1\n")
    assert seen.wait(10)
    watcher.stop()
    assert "k" in watcher.snapshot.groups


def test_the_log_says_when_a_document_is_mended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    import logging
    import threading

    caplog.set_level(logging.INFO, "fedgate.catalog")
    seen = threading.Semaphore(0)
    watcher = Watcher(store_of(tmp_path))
    watcher.start(lambda snapshot: seen.release(), interval_s=0.01)
    for selector in ("k", "x=1"):
        (tmp_path / "more.yaml").write_text(f"kind: group\nname: k\nselector: {selector}\n")
        assert seen.acquire(timeout=10)
    watcher.stop()
    assert 'group "k" is set aside: ' in caplog.text
    assert caplog.messages[-1] == 'group "k" is not set aside any more'


def test_only_a_file_that_changed_is_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"kind: node\nname: {name}\nengine: sqlite\nurl: x.db\n")
    store = FilesStore(tmp_path)
    first = store.read()
    parsed: list[str] = []

    def noted(path: Path, data: bytes) -> list[Document | Broken]:
        parsed.append(path.name)
        return read_file(path, data)

    monkeypatch.setattr("fedgate.catalog.stores.files.read_file", noted)
    (tmp_path / "b.yaml").write_text("kind: node\nname: c\nengine: sqlite\nurl: x.db\n")
    second = store.read()
    assert parsed == ["b.yaml"]
    assert [d.name for d in second.documents] == ["a", "c"]
    assert second.documents[0] is first.documents[0]
    assert second.revision == FilesStore(tmp_path).read().revision != first.revision


def test_gateways_of_a_directory_share_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = FilesStore(tmp_path).secret()
    assert len(secret) == 32
    assert FilesStore(tmp_path).secret() == secret
    kept = tmp_path / ".fedgate/secret"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert secret.hex() not in caplog.text
    kept.write_text("no secret")
    assert len(FilesStore(tmp_path).secret()) == 32
    assert "a secret for this run takes its place" in caplog.text
