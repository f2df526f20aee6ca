"""The project's virtual environment: made once in `.venv`, made again only when pyproject.toml asks for something else."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
_STAMP = VENV / "fedgate-stamp.json"


def ensure(extras: tuple[str, ...] = ()) -> Path:
    """The environment's Python, with the project and its `extras` installed. Exits with advice when that fails."""
    with _locked():
        wanted = _wanted(extras)
        if PYTHON.exists() and _stamped(wanted):
            return PYTHON
        started = time.monotonic()
        say(f"setting up {VENV.name}/ (once; a minute or two)")
        if not _runs(PYTHON):
            _make()
        target = str(ROOT) + (f"[{','.join(extras)}]" if extras else "")
        # A relative log would be lost with the directory; pip's own output is what helps when a download fails.
        # At a terminal pip shows what it downloads: a minute of silence looks like a hang.
        quiet = [] if sys.stderr.isatty() else ["--quiet"]
        status = subprocess.run(
            # Most modules are never imported; those that are get compiled then.
            [str(PYTHON), "-m", "pip", "install", *quiet, "--no-compile", "--disable-pip-version-check", "--editable", target],
            cwd=ROOT,
            stdout=sys.stderr,
            check=False,
        ).returncode
        if status:
            sys.exit(f"tools: pip could not install fedgate (status {status}); see above. Nothing else was changed.")
        _STAMP.write_text(json.dumps(wanted))
        say(f"{VENV.name}/ is ready ({time.monotonic() - started:.0f} s)")
    return PYTHON


def say(text: str) -> None:
    """A line about progress; results go to stdout, this does not."""
    print(f"tools: {text}", file=sys.stderr, flush=True)


@contextmanager
def _locked() -> Iterator[None]:
    """Two commands started at once must not build the same directory."""
    with (ROOT / "pyproject.toml").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _wanted(extras: tuple[str, ...]) -> dict[str, object]:
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return {"pyproject": project, "root": str(ROOT), "extras": sorted(extras)}


def _stamped(wanted: dict[str, object]) -> bool:
    try:
        found = json.loads(_STAMP.read_text())
    except (OSError, ValueError):
        return False
    extras = wanted["extras"]
    assert isinstance(extras, list)
    same = all(found.get(key) == wanted[key] for key in ("pyproject", "root"))
    return same and set(extras) <= set(found.get("extras", ()))


def _runs(python: Path) -> bool:
    try:
        return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make() -> None:
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(
            f"tools: {sys.executable} -m venv failed:\n{made.stdout}{made.stderr}\n"
            "On Debian and Ubuntu the package python3-venv brings what is missing; "
            "or name another Python: FEDGATE_PYTHON=/path/to/python3"
        )


class Beside:
    """A command of the virtual environment that runs while others do. What it says is shown when it is waited for."""

    def __init__(self, arguments: list[str]) -> None:
        self._said = TemporaryFile()  # noqa: SIM115 it lives as long as the command
        self._process = subprocess.Popen(arguments, cwd=ROOT, stdout=self._said, stderr=self._said)

    def wait(self) -> int:
        """Its exit status."""
        with self._said:
            status = self._process.wait()
            self._said.seek(0)
            print(self._said.read().decode(errors="replace"), end="", flush=True)
        return status


def run(arguments: list[str], timeout_s: float | None = None, **environment: str) -> int:
    """Run a command of the virtual environment in the checkout; its exit status, 124 if it was ended after `timeout_s`."""
    try:
        return subprocess.run(arguments, cwd=ROOT, env={**os.environ, **environment}, timeout=timeout_s, check=False).returncode
    except subprocess.TimeoutExpired:
        say(f"not done after {timeout_s:.0f} s: ended")
        return 124
