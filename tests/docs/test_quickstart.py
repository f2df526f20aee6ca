"""The quickstart's commands for a fleet of one's own work as they are written."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "quickstart.md"
FEDGATE = f"{shlex.quote(sys.executable)} -m fedgate.cli.main"


def test_the_commands_work_as_they_are_written(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## 3.")[2]
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "fedgate serve" not in block]
    assert len(blocks) == 3
    script = "".join(blocks).replace("python3 -", f"{shlex.quote(sys.executable)} -").replace(".venv/bin/fedgate", FEDGATE)
    done = subprocess.run(["bash", "-euc", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "5 documents, 0 problems\n" in done.stderr
    assert "log at north: 1000 rows, " in done.stdout
    assert " south | 2024-03-01 00:00:00+00 | 22.958333333333332\n" in done.stdout
    assert "nothing was changed (--dry-run)\n" in done.stderr
    assert " west  |  1000 | 31.66" in done.stdout
    assert "put node west, put placement public.log/west/west\n" in done.stdout
