"""`fedgate catalog …` and `fedgate check` as a person runs them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fedgate.cli.main import main

FLEET = """\
# our fleet
kind: node
name: a
engine: sqlite
url: a.db
---
kind: table
name: t
columns:
  - {name: id, type: integer, not_null: true}
  - {name: name, type: text}
---
kind: placement
table: t
node: a
relation: rows      # as the site calls it
check: id > 0
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    directory = tmp_path / "catalog"
    directory.mkdir()
    (directory / "fleet.yaml").write_text(FLEET)
    return directory


def fill(fleet: Path, *rows: tuple[object, object], columns: str = "id, name") -> None:
    with closing(sqlite3.connect(fleet / "a.db")) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS rows ({columns})")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", rows)
        connection.commit()


def catalog(*args: str, fleet: Path) -> int:
    return main(["catalog", *args, "--catalog", str(fleet)])


def test_validate(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "validate", str(fleet)]) == 0
    assert capsys.readouterr() == ("", "3 documents, 0 problems\n")
    (fleet / "more.yaml").write_text("kind: group\nname: g\nselektor: x=1\n")
    assert catalog("validate", fleet=fleet) == 1
    out = capsys.readouterr().out
    assert f'group "g": {fleet}/more.yaml:1: field "selector" is missing ("selektor" is not a field)' in out


def test_list_and_get(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert catalog("list", fleet=fleet) == 0
    assert capsys.readouterr().out == "node a\ntable t\nplacement t/a/a\n"
    assert catalog("list", "placement", fleet=fleet) == 0
    assert capsys.readouterr().out == "t/a/a\n"
    assert catalog("get", "placement", "t/a", fleet=fleet) == 0
    assert "relation: rows      # as the site calls it\n" in capsys.readouterr().out
    assert catalog("get", "node", "aa", fleet=fleet) == 1
    assert 'Perhaps you mean "a"' in capsys.readouterr().err


def test_apply_and_diff(fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.yaml"
    new.write_text("kind: placement\ntable: t\nnode: a\nrelation: other\ncheck: id > 0\n---\nkind: group\nname: g\nselector: x=1\n")
    assert catalog("diff", "-f", str(new), fleet=fleet) == 1
    out = capsys.readouterr().out
    assert "-relation: rows      # as the site calls it\n+relation: other\n" in out
    assert catalog("apply", "-f", str(new), "--dry-run", fleet=fleet) == 0
    assert capsys.readouterr().out == "changed placement t/a/a\ncreated group g\n"
    assert (fleet / "fleet.yaml").read_text() == FLEET
    assert catalog("apply", "-f", str(new), fleet=fleet) == 0
    assert (fleet / "fleet.yaml").read_text() == FLEET.replace("rows      # as the site calls it", "other")
    capsys.readouterr()
    assert catalog("diff", "-f", str(new), fleet=fleet) == 0
    assert catalog("log", fleet=fleet) == 0
    assert "put placement public.t/a/a, put group g" in capsys.readouterr().out


def test_apply_refuses_what_would_break_the_catalog(fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.yaml"
    new.write_text("kind: placement\ntable: t\nnode: b\nrelation: r\n")
    assert catalog("apply", "-f", str(new), fleet=fleet) == 1
    assert 'there is no node "b"' in capsys.readouterr().out
    new.write_text("kind: group\nname: g\nselector: x=1\ncolour: red\n")
    assert catalog("apply", "-f", str(new), fleet=fleet) == 1
    assert 'unknown field "colour"' in capsys.readouterr().out
    assert sorted(p.name for p in fleet.iterdir()) == ["fleet.yaml"]


def test_delete_refuses_what_is_needed(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert catalog("delete", "node", "a", fleet=fleet) == 1
    assert catalog("delete", "placement", "t/a", fleet=fleet) == 0
    assert catalog("delete", "node", "a", fleet=fleet) == 0
    assert catalog("list", fleet=fleet) == 0
    assert capsys.readouterr().out.endswith("table t\n")


def test_usage_is_exit_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["catalog", "get", "nodes", "a"])
    assert caught.value.code == 2
    with pytest.raises(SystemExit) as caught:
        main(["catalog", "apply", "--help"])
    assert caught.value.code == 0
    assert "example:\n  fedgate catalog apply -f new.yaml --dry-run" in capsys.readouterr().out


def test_check_finds_nothing_wrong(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(fleet, (1, "x"), (2, None))
    assert main(["check", "--catalog", str(fleet)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("t at a: 2 rows, ")
    assert said.out.endswith("good\n")
    assert said.err == "1 placement checked, all good\n"


def test_check_tells_problems_of_the_catalog_from_those_of_nodes(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(fleet, (-1, "x"))
    (fleet / "more.yaml").write_text("kind: group\nname: g\n")
    assert main(["check", "--catalog", str(fleet)]) == 1
    assert capsys.readouterr().err == "1 problem in the catalog, 1 placement checked, 1 of them wrong\n"


def test_check_counts_what_breaks_the_claims(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(fleet, (1, "x"), (-2, "y"), (None, "z"))
    assert main(["check", "--catalog", str(fleet), "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert (finding["table"], finding["node"], finding["shard"], finding["rows"]) == ("t", "a", "a", 3)
    assert finding["milliseconds"] == round(finding["milliseconds"], 3)
    assert finding["problems"] == ["1 row against the check id > 0", '1 row with NULL in the not_null column "id"']


def test_check_writes_how_many_rows_there_are(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def rows() -> list[str]:
        return [line for file in fleet.glob("*.yaml") for line in file.read_text().splitlines() if line.startswith("rows:")]

    fill(fleet, *((i, "x") for i in range(1, 21)))
    for more, said, noted in ((0, "1 placement", "rows: 20"), (2, "0 placements", "rows: 20"), (2, "1 placement", "rows: 24")):
        fill(fleet, *((100 + i, "y") for i in range(more)))
        assert main(["check", "--catalog", str(fleet), "--write-rows"]) == 0
        assert capsys.readouterr().err.endswith(f"\nrows of {said} written\n")
        assert rows() == [noted]
    assert main(["check", "--catalog", str(fleet)]) == 0  # what was written is read


def test_check_reads_the_gateways_configuration(fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(fleet, (1, "x"))
    toml = tmp_path / "fedgate.toml"
    toml.write_text(f'catalog = "{fleet}"\n')
    assert main(["check", "--config", str(toml)]) == 0
    (tmp_path / "elsewhere").mkdir()
    toml.write_text(f'catalog = "{fleet}"\ndata_roots = ["elsewhere"]\nsecrets_directory = "secrets"\n')
    capsys.readouterr()
    assert main(["check", "--config", str(toml)]) == 1
    assert "is not below the data roots of this gateway" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        ("id, other", [], "name"),
        ("id, name", [("many", "x")], "22P02"),
        ("id, name", [(1, b"\xff")], "stored value x'ff' is not a text"),
    ],
)
def test_check_tells_what_a_node_cannot_answer(
    fleet: Path, capsys: pytest.CaptureFixture[str], columns: str, rows: list[tuple[object, object]], message: str
) -> None:
    fill(fleet, *rows, columns=columns)
    assert main(["check", "--catalog", str(fleet)]) == 1
    assert message in capsys.readouterr().out


def test_check_names_a_node_that_is_not_there(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--catalog", str(fleet)]) == 1
    out = capsys.readouterr().out
    assert out.startswith(("t at a: 08001: ", "t at a: 58030: "))
