"""The directory for what does not fit into memory, and what killed processes have left of theirs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fedgate.errors import SqlError
from fedgate.executor.merge import MergeEngine
from fedgate.executor.scratch import scratch_directory

HOLD = """
import sys
from pathlib import Path
from fedgate.executor.scratch import scratch_directory
with scratch_directory(Path(sys.argv[1])) as made:
    (made / "spool").write_text("rows")
    print(made, flush=True)
    sys.stdin.read()
"""


def test_it_goes_at_the_end(tmp_path: Path) -> None:
    with scratch_directory(tmp_path) as made:
        (made / "merge").mkdir()
        assert made.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_lives_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        left = Path(other.stdout.readline().strip())
        with scratch_directory(tmp_path) as mine:
            assert {left, mine} == set(tmp_path.iterdir())
            os.kill(other.pid, signal.SIGKILL)
            other.wait()
            with scratch_directory(tmp_path) as second:
                assert {mine, second} == set(tmp_path.iterdir())


def test_a_parent_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(SqlError, match="nowhere") as caught, scratch_directory(tmp_path / "nowhere"):
        pass
    assert caught.value.sqlstate == "58P01"


def test_the_merge_engine_spills_there(tmp_path: Path) -> None:
    engine = MergeEngine(directory=tmp_path, memory_bytes=100 * 1024**2, threads=3)
    with engine.cursor() as cursor:
        found = cursor.execute(
            "SELECT current_setting('temp_directory'), current_setting('memory_limit'), current_setting('threads')"
        ).fetchone()
        assert found == (str(tmp_path / "merge"), "100.0 MiB", 3)
    engine.close()
