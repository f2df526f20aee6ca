"""`fedgate sql` from the command line, a file, stdin and a prompt; Ctrl-C at each, and `serve` until a signal."""

from __future__ import annotations

import contextlib
import io
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fedgate.cli.main import main
from fedgate.cli.prompt import statements
from fedgate.cli.waiting import waiting

FEDGATE = [sys.executable, "-m", "fedgate.cli.main"]
ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b;"


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    directory = tmp_path / "catalog"
    directory.mkdir()
    (directory / "log.yaml").write_text(
        "kind: table\nname: log\ncomment: What happened\ncolumns:\n  - {name: at, type: timestamptz, not_null: true, comment: When}"
    )
    return directory


def test_results_go_to_stdout_and_the_rest_to_stderr(fleet: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = "SET search_path = public; SELECT 1 AS one; SELECT nosuch; SELECT 2 AS two"
    assert main(["sql", "--catalog", str(fleet), "--format", "csv", "-c", text]) == 1
    out, err = capfd.readouterr()
    assert out == "one\n1\n"
    assert err.startswith(f'ERROR:  42703: column "nosuch" does not exist\nLINE 1: {text}\n')
    assert err.splitlines()[2].index("^") == len("LINE 1: ") + text.index("nosuch")


def test_a_roles_view_of_the_fleet(fleet: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (fleet / "roles.yaml").write_text("kind: role\nname: ann\n")
    ask = ["sql", "--catalog", str(fleet), "-c", "SELECT count(*) FROM pg_class WHERE relname = 'log'", "--format", "csv"]
    assert main(ask) == 0
    assert capfd.readouterr().out == "count\n1\n"
    assert main([*ask, "--user", "ann"]) == 0
    assert capfd.readouterr().out == "count\n0\n"
    assert main([*ask, "--user", "anne"]) == 1
    assert 'Perhaps you mean "ann".' in capfd.readouterr().err


def test_several_commands_end_at_the_first_error(fleet: Path, capfd: pytest.CaptureFixture[str]) -> None:
    commands = [part for text in ("SELECT 1 AS one -- first", "SELECT nosuch", "SELECT 2 AS two") for part in ("-c", text)]
    assert main(["sql", "--catalog", str(fleet), "--format", "csv", *commands]) == 1
    out, err = capfd.readouterr()
    assert out == "one\n1\n"
    assert "LINE 1: SELECT nosuch" in err


def test_a_file_and_stdin(fleet: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.sql"
    file.write_text("SELECT 'é' AS e;\n")
    assert main(["sql", "--catalog", str(fleet), "--format", "csv", str(file)]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 2 AS two"))
    assert main(["sql", "--catalog", str(fleet), "--format", "csv"]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 3 AS three"))
    assert main(["sql", "--catalog", str(fleet), "--format", "csv", "-"]) == 0
    assert capfd.readouterr() == ("e\né\ntwo\n2\nthree\n3\n", "")
    assert main(["sql", "--catalog", str(fleet), str(tmp_path / "none.sql")]) == 1
    assert "cannot be read" in capfd.readouterr().err
    file.write_bytes(b"SELECT '\xff'")
    assert main(["sql", "--catalog", str(fleet), str(file)]) == 1
    assert "is not UTF-8" in capfd.readouterr().err


class Keys:
    """What somebody types: lines, and what a key raises."""

    def __init__(self, *typed: str | type[BaseException]) -> None:
        self.typed = list(typed)
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        key = self.typed.pop(0) if self.typed else EOFError
        if isinstance(key, str):
            return key
        raise key


def test_a_statement_ends_with_a_semicolon_of_its_own() -> None:
    keys = Keys("", "SELECT ';", "' AS a", ";", "SELECT 1; SELECT 2;", "SELECT 3 /* ;", "*/;", "SELECT $$;", "$$;", "selec;")
    expected = ["SELECT ';\n' AS a\n;", "SELECT 1; SELECT 2;", "SELECT 3 /* ;\n*/;", "SELECT $$;\n$$;", "selec;"]
    assert list(statements(keys)) == expected
    assert keys.prompts[:5] == ["fedgate=> ", "fedgate=> ", "fedgate-> ", "fedgate-> ", "fedgate=> "]


def test_a_key_drops_what_was_begun() -> None:
    assert list(statements(Keys("SELECT", KeyboardInterrupt, "SELECT 1;", "SELECT 2", EOFError))) == ["SELECT 1;"]
    assert list(statements(Keys("SELECT 1;", "\\q", "SELECT 2;"))) == ["SELECT 1;"]


def test_commands_of_psql_that_are_not_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(statements(Keys("\\x"))) == []
    err = capsys.readouterr().err
    assert err.startswith("there is no \\x here; use psql for it\n")
    assert "\\d NAME" in err


_OWN_TERMINAL = """
import fcntl, os, signal, sys, termios
os.setsid()
signal.signal(signal.SIGINT, signal.SIG_DFL)  # in the background of a shell it is ignored, and that is inherited
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C becomes a signal
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, arguments: list[str]) -> None:
        self._fd, inner = os.openpty()
        self._program = subprocess.Popen(
            [sys.executable, "-c", _OWN_TERMINAL, *arguments],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**os.environ, "TERM": "dumb"},
        )
        os.close(inner)
        self.seen = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing of it goes on, whatever was expected of it."""
        self._program.kill()
        self._program.wait(timeout=60)

    def until(self, text: str) -> str:
        """What came up to and with `text`; fails at the end of the program."""
        while text not in self.seen:
            piece = b""
            assert select.select([self._fd], [], [], 60)[0], f"{text!r} did not come within a minute: {self.seen}"
            with contextlib.suppress(OSError):  # EIO: the program has ended
                piece = os.read(self._fd, 65_536)
            assert piece, f"{text!r} did not come: {self.seen}"
            self.seen += piece.decode(errors="replace").replace("\r\n", "\n")
        found, _, self.seen = self.seen.partition(text)
        return found

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def end(self) -> int:
        status = self._program.wait(timeout=60)
        os.close(self._fd)
        return status


def test_the_prompt(fleet: Path) -> None:
    with Terminal([*FEDGATE, "sql", "--catalog", str(fleet)]) as terminal:
        terminal.until("fedgate=> ")
        terminal.type("\\d\n")
        assert " public | log  | table | What happened\n(1 row)\n" in terminal.until("fedgate=> ")
        terminal.type("\\d log\n")
        assert " at     | timestamp with time zone | not null | When\n" in terminal.until("fedgate=> ")
        terminal.type(f"{ENDLESS}\n")
        terminal.until("running … ")  # shown by a terminal after two seconds
        terminal.type("\x03")
        terminal.until("cancelled")
        terminal.until("fedgate=> ")
        terminal.type("SELECT 40 + 2 AS answer;\n")
        assert " answer \n--------\n     42\n(1 row)\n" in terminal.until("fedgate=> ")
        terminal.type("\\q\n")
        assert terminal.end() == 0


def test_a_signal_ends_serve(fleet: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        command = [*FEDGATE, "serve", "--catalog", str(fleet), "--listen", "127.0.0.1:0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as gateway:
            assert gateway.stderr is not None
            first = gateway.stderr.readline()
            assert re.fullmatch(
                r"fedgate serves 1 table on 0 nodes at 127\.0\.0\.1:(\d+); connect with: psql .* -p \1 fedgate\n", first
            )
            gateway.send_signal(number)
            out, err = gateway.communicate(timeout=30)
        assert (gateway.returncode, out) == (0, "")
        assert re.fullmatch(rf".* INFO:  received {number.name}, ending sessions; .*\nfedgate has stopped\n", err), err


def test_many_signals_at_once_end_serve(fleet: Path) -> None:
    """As from a process group that is ended, or an impatient Ctrl-C: some come while others are handled, in whichever thread."""
    command = [*FEDGATE, "serve", "--catalog", str(fleet), "--listen", "127.0.0.1:0"]
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as gateway:
            assert gateway.stderr is not None
            gateway.stderr.readline()
            for _ in range(200):
                gateway.send_signal(signal.SIGTERM)
                gateway.send_signal(signal.SIGINT)
            try:
                _, err = gateway.communicate(timeout=30)
            finally:
                gateway.kill()
        assert gateway.returncode == 0
        assert re.fullmatch(r".* ending sessions; .*\nfedgate has stopped\n", err), err


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_short_wait_shows_nothing() -> None:
    out = FakeTerminal()
    with waiting("running", out, patience_s=60):
        pass
    assert out.getvalue() == ""


def test_a_pipe_is_shown_nothing() -> None:
    out = io.StringIO()
    with waiting("running", out, patience_s=0):
        pass
    assert out.getvalue() == ""
