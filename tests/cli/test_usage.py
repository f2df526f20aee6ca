"""Help that teaches, errors of usage with exit status 2, completion, and what to do when something is not there."""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedgate.cli.main import main, parser

DEMO = str(Path(__file__).parents[2] / "catalog/demo")


def leaves(top: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    below = [a for a in top._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield top
    for action in below:
        for choice in action.choices.values():
            yield from leaves(choice)


def usage_error(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


@pytest.mark.parametrize("command", list(leaves(parser())), ids=lambda p: p.prog)
def test_every_help_has_an_example_of_its_command(command: argparse.ArgumentParser) -> None:
    text = command.format_help()
    examples = text.partition("\nexample")[2]
    assert f"\n  {command.prog}" in examples
    assert all(action.help for action in command._actions), "an option without a word about it"


@pytest.mark.parametrize("command", list(leaves(parser())), ids=lambda p: p.prog)
def test_every_example_is_a_right_command_line(command: argparse.ArgumentParser) -> None:
    for line in re.findall(r"^  fedgate (.*)$", command.format_help(), re.MULTILINE):
        words = re.split(r"   | \| | > ", line)[0]
        parser().parse_args([word.strip("'") for word in re.findall(r"'[^']*'|\S+", words)])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "fedgate: the following arguments are required: COMMAND\nTry: fedgate --help\n"),
        (("sqll",), 'there is no "sqll" among demo, serve, sql, catalog, check, user; perhaps you mean sql\nTry: fedgate --help\n'),
        (("sql", "--formt", "csv"), "fedgate sql: --formt is not understood; perhaps you mean --format\nTry: fedgate sql --help\n"),
        (("sql", "--form", "csv"), "perhaps you mean --format\n"),
        (("sql", "--format", "xml"), 'there is no "xml" among table, csv, json, arrow\n'),
        (("sql", "-c", "SELECT 1", "report.sql"), "not allowed with argument -c/--command\n"),
        (("serve", "--listen", "5433"), '"5433" is not HOST:PORT, for example 127.0.0.1:5433\n'),
        (("catalog",), "fedgate catalog: the following arguments are required: COMMAND\nTry: fedgate catalog --help\n"),
        (("catalog", "get", "tabel", "flights"), "perhaps you mean table\nTry: fedgate catalog get --help\n"),
        (("--print-completion", "fish"), 'there is no "fish" among bash, zsh, tcsh\n'),
    ],
)
def test_wrong_usage_is_explained(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    err = usage_error(capsys, *words)
    assert err.startswith("usage: fedgate")
    assert said in err


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_completion_script_is_one_of_the_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", shell])
    assert ended.value.code == 0
    script = capsys.readouterr().out
    assert "validate" in script
    assert "--build-only" in script
    if program := shutil.which(shell):
        done = subprocess.run([program, "-n"], input=script, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [["serve"], ["sql", "-c", "SELECT 1"], ["check"], ["catalog", "list"], ["catalog", "validate"]])
def test_a_catalog_that_is_missing(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert re.match(r'ERROR:  58P01: catalog directory ".*catalog" does not exist\nHINT:  .*--catalog DIR.*`fedgate demo`', err)


def test_a_catalog_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").touch()
    assert main(["sql", "--catalog", str(tmp_path / "a.yaml"), "-c", "SELECT 1"]) == 1
    assert "is not a directory" in capsys.readouterr().err


def test_a_port_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--catalog", str(tmp_path), "--listen", f"127.0.0.1:{port}"]) == 1
    err = capsys.readouterr().err
    assert f"ERROR:  55006: port {port} of 127.0.0.1 is in use\nHINT:  Is another fedgate running? " in err
    assert "psql" not in err, "an invitation to what does not listen"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("listen = 'x'", 'listen "x" is not HOST:PORT'),
        ("catalogue = 'x'", 'Perhaps you mean "catalog".'),
        ("= 1", "configuration file"),
    ],
)
def test_a_wrong_configuration_is_usage(written: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fedgate.toml").write_text(written)
    assert main(["sql", "-c", "SELECT 1", "--config", str(tmp_path / "fedgate.toml")]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("words", "unneeded"), [
    (("--help",), ("pyarrow", "duckdb", "jsonschema", "shtab")),
    (("catalog", "list", "--catalog", DEMO), ("pyarrow", "duckdb", "postgast")),
    (("sql", "--catalog", DEMO, "-c", "SELECT 1"), ("adbc_driver_postgresql", "psycopg")),
])  # fmt: skip
def test_a_command_imports_only_what_it_needs(words: tuple[str, ...], unneeded: tuple[str, ...]) -> None:
    """What is imported is most of the time that a short command takes."""
    program = (
        "import sys; from fedgate.cli.main import main\ntry: main(sys.argv[1:])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    assert ran.stdout
    assert "fedgate.errors" in ran.stderr.split()
    assert set(unneeded) & set(ran.stderr.split()) == set()


def test_the_package_is_the_command() -> None:
    ran = subprocess.run([sys.executable, "-m", "fedgate", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("fedgate ")
