"""Unix-domain sockets: names, permissions, and what is there already."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fedgate.errors import SqlError
from fedgate.pgwire.sockets import LOCAL, listen_unix, peer_of

PORT = 5433


def test_socket_and_lock_file_are_called_as_postgresqls_and_go_with_it(tmp_path: Path) -> None:
    with closing(listen_unix(tmp_path, PORT, 0o750)) as bound, socket.socket(socket.AF_UNIX) as client:
        path = tmp_path / f".s.PGSQL.{PORT}"
        assert bound.address == (str(tmp_path), PORT)
        assert stat.S_IMODE(path.stat().st_mode) == 0o750
        lines = (tmp_path / f".s.PGSQL.{PORT}.lock").read_text().split("\n")
        assert (lines[0], lines[3:5]) == (str(os.getpid()), [str(PORT), str(tmp_path)])
        client.connect(str(path))
        accepted, _ = bound.socket.accept()
        with accepted:
            peer = peer_of(accepted)
        assert (peer.host, peer.port, peer.is_local, peer.words) == (LOCAL, -1, True, "host=[local]")
    assert list(tmp_path.iterdir()) == []


def test_a_live_one_is_refused_and_a_dead_ones_socket_replaced(tmp_path: Path) -> None:
    with closing(listen_unix(tmp_path, PORT)):
        with pytest.raises(SqlError) as caught:
            listen_unix(tmp_path, PORT)
        assert caught.value.sqlstate == "55006"
        assert f"process {os.getpid()}" in caught.value.message
        assert (tmp_path / f".s.PGSQL.{PORT}").exists()
    path = tmp_path / f".s.PGSQL.{PORT}"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    (tmp_path / f".s.PGSQL.{PORT}.lock").write_text(f"{os.getpid()}\n/\n1\n{PORT}\n/\n\n")  # its process id is somebody else's now
    with closing(listen_unix(tmp_path, PORT)), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_socket_that_another_program_listens_on_is_not_taken(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / f".s.PGSQL.{PORT}"))
        other.listen()
        with pytest.raises(SqlError) as caught:
            listen_unix(tmp_path, PORT)
    assert caught.value.sqlstate == "55006"
    assert not (tmp_path / f".s.PGSQL.{PORT}.lock").exists()


def test_a_directory_that_cannot_be_used_is_a_clear_error() -> None:
    with TemporaryDirectory(dir="/tmp") as directory:  # pytest's own may be too long
        with pytest.raises(SqlError, match="No such file or directory") as caught:
            listen_unix(Path(directory, "none"), PORT)
        assert caught.value.sqlstate == "58000"
        with pytest.raises(SqlError, match=r"is too long \(maximum 107 bytes\)"):
            listen_unix(Path(directory, "x" * 100), PORT)
