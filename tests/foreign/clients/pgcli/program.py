"""pgcli at a terminal: statements, special commands, completion from its metadata; and its completer's own queries."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from importlib.metadata import version as installed

from pgcli.pgexecute import PGExecute
from steps import step, version

version(installed("pgcli"))
execute = PGExecute(
    database=os.environ["PGDATABASE"], user=os.environ["PGUSER"], host=os.environ["PGHOST"], port=os.environ["PGPORT"]
)
step("schemata", lambda: sorted(execute.schemata()))
step("search path", lambda: execute.search_path())
step("tables", lambda: sorted(execute.tables()))
step("views", lambda: sorted(execute.views()))
step("columns of tables", lambda: sorted(map(repr, execute.table_columns())))
step("columns of views", lambda: sorted(map(repr, execute.view_columns())))
step("databases", lambda: sorted(execute.databases()))
step("foreign keys", lambda: list(execute.foreignkeys()))
step(
    "functions of our schemas",
    lambda: sorted(repr(f) for f in execute.functions() if f.schema_name in ("public", "plant", "fedgate")),
)
step("datatypes", lambda: sorted(t for t in execute.datatypes() if t[0] in ("public", "plant")))
step("casing of names", lambda: sorted(set(execute.casing()) & {"readings", "devices", "Odd names", "Mixed Case"}))
for command in (
    "\\d readings",
    "\\dt",
    "\\dv",
    "\\dn",
    "\\df lower",
    "\\di",
    "\\du",
    "\\dT text",
    "\\l",
    "select 1 as a, 'b' as b",
    "select nope",
    "\\d nope",
):
    step(
        f"runs {command}",
        lambda c=command: [
            (title, [list(r) for r in rows] if rows else None, headers, status, sql, success)
            for title, rows, headers, status, sql, success, _ in execute.run(c)
        ],
    )


def screen():
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", PAGER="cat", HOME=os.environ["CLIENT_PLACE"])
        os.execv(sys.argv[1], [sys.argv[1], "--less-chatty", "--no-warn"])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))

    def until(pattern, most_s=30):
        seen, end = "", time.monotonic() + most_s
        while time.monotonic() < end and not re.search(pattern, seen):
            ready, _, _ = select.select([fd], [], [], 0.5)
            if ready:
                data = os.read(fd, 65536)
                if b"\x1b[6n" in data:
                    os.write(fd, b"\x1b[1;1R")  # where the cursor is
                seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]", "", data.decode(errors="replace"))
        return seen

    shown = [bool(re.search("fedgate>", until("fedgate>")))]
    until("never", 3)  # its completer reads the catalogs in the background
    os.write(fd, b"select * from read")
    shown.append(bool(re.search(r"readings", until(r"readings"))))
    os.write(fd, b"\x03")
    until("fedgate>")
    os.write(fd, b"select count(*) as rows_of_readings from readings;\r")
    shown.append(bool(re.search(r"1500", until(r"1500"))))
    os.write(fd, b"\\q\r")
    try:
        until("never", 2)
    except OSError:
        pass
    os.waitpid(pid, 0)
    return shown


step("at a terminal: prompt, completion, a statement", screen)
step(
    "one statement from the shell",
    lambda: subprocess.run([sys.argv[1], "--list"], capture_output=True, text=True, timeout=60, check=False).returncode,
)
