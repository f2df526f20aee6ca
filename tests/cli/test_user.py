"""`fedgate user` as a person runs it: role documents are written, passwords are not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from fedgate.cli.main import main
from fedgate.pgwire.scram import make_verifier, read_verifier

TABLE = "kind: table\nname: t\ncolumns: [{name: id, type: integer}]\n"
ANN = f"""\
# our people
kind: role
name: ann     # in the office
verifier: {make_verifier("pencil").text}
grants:
  - {{table: t}}     # all of it
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "t.yaml").write_text(TABLE)
    return tmp_path


def run(place: Path, *words: str) -> int:
    return main(["user", *words, "--catalog", str(place)])


def has(text: str, password: str) -> bool:
    """Whether a file's text has a verifier of this password."""
    words = [read_verifier(w.strip("'\"")) for w in text.split() if "SCRAM-SHA-256$" in w]
    return any(v is not None and make_verifier(password, v.salt, v.iterations) == v for v in words)


def test_a_role_is_a_document_with_a_verifier(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place, "add", "etl", "--generate", "--grant", "t", "--connection-limit", "5", "--valid-until", "2030-01-01") == 0
    out, err = capsys.readouterr()
    password = out.strip()
    text = (place / "roles.yaml").read_text()
    assert len(password) >= 24
    assert has(text, password)
    assert text.startswith("kind: role\nname: etl\nverifier: SCRAM-SHA-256$4096:")
    assert text.endswith("connection_limit: 5\nvalid_until: '2030-01-01'\ngrants:\n- {table: t}\n")
    assert err == "added role etl\nit is the first role: from now on every client must log in\n"
    log = (place / ".fedgate/log.jsonl").read_text()
    assert '"op": "put", "kind": "role", "name": "etl"' in log
    assert password not in text + err + log


def test_a_password_comes_from_stdin(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("päß wörd\nmore\n"))
    assert run(place, "add", "ann", "--admin", "--password-stdin") == 0
    assert has((place / "roles.yaml").read_text(), "päß wörd")


def test_a_password_is_asked_for_twice(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter(["one", "two", "one", "one"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    monkeypatch.setattr("sys.stdin", type("Terminal", (io.StringIO,), {"isatty": lambda self: True})())
    assert run(place, "add", "ann", "--admin") == 1
    assert "the two passwords differ" in capsys.readouterr().err
    assert not (place / "roles.yaml").exists()
    assert run(place, "add", "ann", "--admin") == 0
    assert has((place / "roles.yaml").read_text(), "one")


def test_a_new_password_leaves_the_rest_of_the_file(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "people.yaml").write_text(ANN)
    (place / "people.yaml").chmod(0o640)
    assert run(place, "passwd", "ann", "--generate") == 0
    password = capsys.readouterr().out.strip()
    text = (place / "people.yaml").read_text()
    before, _, _ = ANN.partition("verifier")
    assert text.startswith(before)
    assert text.endswith("grants:\n  - {table: t}     # all of it\n")
    assert has(text, password)
    assert (place / "people.yaml").stat().st_mode & 0o777 == 0o640


def test_the_last_role_can_be_removed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "people.yaml").write_text(ANN)
    assert run(place, "remove", "ann") == 0
    assert "it was the last role" in capsys.readouterr().err
    assert not (place / "people.yaml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "ann", "--generate"), '42710: role "ann" already exists'),
        (("add", "eve", "--generate", "--grant", "tt"), 'there is no table "tt"'),
        (("add", "eve", "--generate", "--valid-until", "soon"), 'role "eve"'),
        (("add", "pg_eve", "--generate"), "is reserved"),
        (("add", "eve", "--generate", "--connection-limit", "-2"), "22023: connection_limit"),
        (("add", "eve", "--password-stdin"), "22023: the password is empty"),
        (("passwd", "anna", "--generate"), '42704: there is no role "anna"'),
        (("remove", "eve"), '42704: there is no role "eve"'),
    ],
)
def test_what_cannot_be_is_refused(
    words: tuple[str, ...], said: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "people.yaml").write_text(ANN)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert run(place, *words) == 1
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert (place / "people.yaml").read_text() == ANN
    assert not (place / "roles.yaml").exists()
