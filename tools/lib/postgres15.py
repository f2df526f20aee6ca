"""Finds the programs of PostgreSQL 15, or gets them: the specification that fedgate's answers are compared with.

Looks at FEDGATE_PG_BIN, then where Debian puts them, then what an earlier run unpacked; then asks apt-get, as root or through
sudo; then downloads the same packages and unpacks them below the user's cache without being root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.lib.environment import say

USUAL = Path("/usr/lib/postgresql/15/bin")
_PACKAGES = ("postgresql-15", "postgresql-client-15")
_ADVICE = """tools: PostgreSQL 15 is needed (it is the oracle that answers are compared with) and could not be found or installed.
Any one of these helps:
  * FEDGATE_PG_BIN=/path/to/postgresql-15/bin    (the directory that holds initdb and postgres)
  * apt-get install postgresql-15                (as root; Debian 12, or with the PostgreSQL project's apt repository)
  * a machine with apt-get, where this command downloads the packages and unpacks them without root"""


def provide() -> Path:
    """The directory that holds initdb, pg_ctl, postgres and psql of version 15. Exits with advice when there is no way."""
    chosen = os.environ.get("FEDGATE_PG_BIN")
    if chosen:
        if not _is_15(Path(chosen)):
            sys.exit(f"tools: FEDGATE_PG_BIN={chosen} holds no PostgreSQL 15 (postgres --version says: {_version(Path(chosen))})")
        return Path(chosen)
    for find in (find_installed, _by_apt, _by_unpacking):
        found = find()
        if found is not None:
            return found
    sys.exit(_ADVICE)


def find_installed() -> Path | None:
    """What is there already, without changing anything."""
    chosen = os.environ.get("FEDGATE_PG_BIN")
    for place in (Path(chosen) if chosen else None, USUAL, _unpacked() / "usr/lib/postgresql/15/bin"):
        if place is not None and _is_15(place):
            return place
    return None


def library_path(programs: Path) -> dict[str, str]:
    """The environment that unpacked programs need to find their libraries; empty for installed ones."""
    if not programs.is_relative_to(_unpacked()):
        return {}
    places = {str(path.parent) for path in (_unpacked() / "usr/lib").rglob("*.so*") if "postgresql" not in path.parts}
    return {"LD_LIBRARY_PATH": ":".join(sorted(places))}


def _unpacked() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fedgate" / "postgresql-15"


def _version(programs: Path) -> str:
    try:
        environment = {**os.environ, **library_path(programs)}
        return subprocess.run(
            [str(programs / "postgres"), "--version"], capture_output=True, text=True, check=False, env=environment
        ).stdout.strip()
    except OSError as error:
        return str(error)


def _is_15(programs: Path) -> bool:
    return (programs / "initdb").exists() and " 15." in _version(programs)


def _by_apt() -> Path | None:
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        prefix: list[str] = []
    elif shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        prefix = ["sudo", "-n"]
    else:
        return None
    say("installing PostgreSQL 15 with apt-get")
    # Only the programs are wanted: Debian's package would make and start a server of its own otherwise.
    drop_in = "/etc/postgresql-common/createcluster.d/fedgate.conf"
    quiet = {"check": False, "stdout": subprocess.DEVNULL}
    subprocess.run([*prefix, "mkdir", "-p", str(Path(drop_in).parent)], check=False)
    subprocess.run([*prefix, "tee", drop_in], input=b"create_main_cluster = false\n", **quiet)  # type: ignore[call-overload]
    try:
        install = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        for attempt in ([], ["update"]):
            if attempt:
                subprocess.run([*install, *attempt], check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr)
            done = subprocess.run(
                [*install, "install", "-y", "--no-install-recommends", *_PACKAGES],
                check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=None if attempt else subprocess.DEVNULL,
            )  # fmt: skip
            if done.returncode == 0:
                break
    finally:
        subprocess.run([*prefix, "rm", "-f", drop_in], check=False)
    return USUAL if _is_15(USUAL) else None


def _by_unpacking() -> Path | None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    place = _unpacked()
    say(f"unpacking PostgreSQL 15 into {place}")
    downloads = place / "packages"
    downloads.mkdir(parents=True, exist_ok=True)
    for options in ([], _private_lists(place)):
        if options and subprocess.run(["apt-get", "-qq", *options, "update"], stdout=sys.stderr, check=False).returncode:
            continue
        names = _missing_packages(options)
        if not names:
            continue
        fetched = subprocess.run(["apt-get", "-qq", *options, "download", *names], cwd=downloads, stdout=sys.stderr, check=False)
        if fetched.returncode == 0:
            break
    for package in sorted(downloads.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", str(package), str(place)], check=True)
    shutil.rmtree(downloads)
    programs = place / "usr/lib/postgresql/15/bin"
    return programs if _is_15(programs) else None


def _private_lists(place: Path) -> list[str]:
    """Options that let apt-get keep its lists where an ordinary user may write."""
    (place / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (place / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    return ["-o", f"Dir::State::Lists={place / 'lists'}", "-o", f"Dir::Cache={place / 'cache'}", "-o", "Debug::NoLocking=1"]


def _missing_packages(options: list[str]) -> list[str]:
    """The packages that an installation would add, by apt's own reckoning."""
    simulated = subprocess.run(
        ["apt-get", "-qq", *options, "install", "--simulate", "--no-install-recommends", *_PACKAGES],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [line.split()[1] for line in simulated.stdout.splitlines() if line.startswith("Inst ")]
