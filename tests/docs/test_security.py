"""The way from loopback to TLS and roles in docs/security.md works as it is written."""

from __future__ import annotations

import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tools.lib import postgres15

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
FLEET = """\
kind: node
name: jfk
engine: sqlite
url: jfk.db
---
{kind: table, name: flights, columns: [{name: id, type: integer}]}
---
{kind: table, name: weather, columns: [{name: id, type: integer}]}
---
{kind: placement, table: flights, node: jfk, relation: flights}
"""
WAIT_FOR_IT = """\
for _ in $(seq 600); do grep -q 'fedgate serves' serve.log && break; sleep 0.05; done
"""


def test_the_commands_work_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/fleet.yaml").write_text(FLEET)
    with closing(sqlite3.connect(tmp_path / "demo/jfk.db")) as connection:
        connection.executescript("CREATE TABLE flights (id integer); INSERT INTO flights VALUES (1), (2), (3)")
    text = PAGE.read_text(encoding="utf-8").partition("## From loopback")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 5
    assert blocks[3].endswith("fedgate serve --config fedgate.toml\n")
    # The page listens everywhere; a test must not.
    blocks[3] = blocks[3].replace("0.0.0.0:5433", "127.0.0.1:0").removesuffix("\n") + " 2> serve.log & gateway=$!\n" + WAIT_FOR_IT
    blocks[4] = "port=$(sed -n 's/.* at 127.0.0.1:\\([0-9]*\\);.*/\\1/p' serve.log)\n" + blocks[4].replace(
        "port=5433", "port=$port"
    )
    program = f"{shlex.quote(sys.executable)} -m fedgate.cli.main"
    script = "".join(blocks).replace("\nfedgate ", f"\n{program} ").removeprefix("fedgate ")
    script = f"trap 'kill $gateway; wait $gateway' EXIT\n{program} {script}"
    path = f"{postgres15.provide()}:/usr/bin:/bin:/usr/local/bin"
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env={
            "PATH": path,
            "HOME": str(tmp_path),
            "PYTHONPATH": str(PAGE.parents[1]),
            **postgres15.library_path(postgres15.provide()),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "\n     3\n(1 row)\n" in done.stdout, done.stdout + done.stderr
    assert "it is the first role: from now on every client must log in\nadded role grafana\n" in done.stderr
