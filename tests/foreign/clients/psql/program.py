"""psql: its backslash commands, variables, cursors, files and loops as scripts; tab completion at a terminal."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from steps import say, step, version

version(subprocess.run(["psql", "--version"], capture_output=True, text=True, check=True).stdout.split()[2])
PLACE = os.environ["CLIENT_PLACE"]


def psql(script, *arguments):
    """Everything that it prints, errors in their places."""
    done = subprocess.run(
        ["psql", "-X", *arguments],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
        cwd=PLACE,
    )
    return done.stdout.splitlines(), done.returncode


DESCRIBING = r"""\d|\d readings|\d+ readings|\d devices|\d hourly|\d+ hourly|\d kinds|\d plant.*|\d plant."Odd names"|\d nope|\dt|\dt *.*eading*|\dt+|\dv|\dv+|\di|\ds|\dm|\dE|\dn|\dn+|\du|\dg|\dp|\z
\df lower|\df+ now|\df nope|\da sum|\do <|\dT|\dT+ int*|\dT text|\dD|\dC integer|\dc|\dO|\dL|\dL+|\db|\db+|\dd|\ddp|\des|\deu|\dew|\det|\dx|\dy|\dF|\dFd|\dFp|\dFt|\dRp|\dRs|\dA|\dAc|\dAf btree|\dAo btree int*|\dAp btree int*|\dP|\drds|\dconfig work_mem|\l|\l+|\sf lower|\sv hourly|\encoding|\conninfo"""
COMMANDS = DESCRIBING.replace("\n", "|").split("|")


def described(*arguments):
    """All of them in one session; by command, what it printed."""
    printed, _ = psql("".join(f"\\echo @@{number}\n{command}\n" for number, command in enumerate(COMMANDS)), *arguments)
    found = {}
    for line in printed:
        if line.startswith("@@"):
            found[COMMANDS[int(line[2:])]] = current = []
        else:
            current.append(line)
    return found


for command, printed in described().items():
    step(command, lambda p=printed: p)

SCRIPTS = {
    "gdesc": "select 1 as a, 'x'::text as b, 1.50::numeric(5,2) as c, '{1}'::int[] as d, now() as e \\gdesc\nselect * from kinds \\gdesc",
    "gset, gexec, gx": "select 1 as one, 'b' as two \\gset x_\n\\echo :x_one :'x_two'\nselect 'select '||g from generate_series(1, 3) g order by g \\gexec\nselect * from devices where device = 1 \\gx",
    "crosstabview": "select site, day, count(*) from readings where day < '2024-04-03' group by 1, 2 order by 1, 2 \\crosstabview",
    "watch": "\\timing off\nselect count(*) from readings where device = 3 \\watch c=2 i=0.1\n",
    "FETCH_COUNT": "\\set FETCH_COUNT 100\n\\pset format unaligned\nselect site, device, ts from readings order by site, ts;\n\\echo :ROW_COUNT :SQLSTATE :ERROR",
    "copy out": "\\copy (select * from devices order by device) to 'devices.csv' csv header\n\\! cat devices.csv\n\\copy devices (device, model) to stdout",
    "copy in": "create temp table incoming (device int, model text);\n\\copy devices (device, model) to 'two.txt'\n\\copy incoming from 'two.txt'\n"
    "select i.model, count(*) from incoming i join readings r using (device) group by 1 order by 1;\ncopy incoming from stdin;\n9\tnine\n\\.\nselect count(*) from incoming;",
    "copy to stdout": "copy (select device, tags, more from devices order by device) to stdout with (format csv, delimiter ';', null 'NIL');",
    "variables": "\\set site '''east'''\nselect count(*) from readings where site = :site;\n\\set d 3\nselect count(*) from readings where device = :d;\n\\if :{?nope}\n\\echo yes\n\\else\n\\echo no\n\\endif",
    "errors": "select nope from readings;\n\\echo :ROW_COUNT :SQLSTATE :ERROR :LAST_ERROR_MESSAGE\nselect site,\n count(* from readings;\nselect 'é東京', nope from readings;",
    "sqlstate only": "\\set VERBOSITY sqlstate\nselect nope;\nselect 1/0;",
    "transactions": "begin;\nselect 1;\nselect 1/0;\nselect 1;\nrollback;\n\\set AUTOCOMMIT off\nselect 1;\nselect nope;\nselect 2;\nrollback;\nselect 3;",
    "ON_ERROR_ROLLBACK": "\\set ON_ERROR_ROLLBACK on\nbegin;\nselect 1;\nselect nope;\nselect 2;\ncommit;",
    "cursors": "begin;\ndeclare c scroll cursor for select device from devices order by device;\nfetch 3 from c;\nfetch backward 2 from c;\nmove absolute 5 in c;\nfetch all from c;\nclose c;\ncommit;",
    "prepared": "prepare p(text) as select count(*) from readings where site = $1;\nexecute p('east');\nselect name, statement, from_sql from pg_prepared_statements;\ndeallocate p;\nexecute p('east');",
    "formats": "\\x\nselect * from devices where device = 2;\n\\x\n\\pset format csv\nselect * from devices where device < 2 order by 1;\n\\pset format html\nselect 1 as a;\n\\pset null NIL\n\\pset format aligned\nselect code, null as n from devices where device = 1;",
    "settings": "show server_encoding;\nshow client_encoding;\nset client_min_messages to warning;\nshow client_min_messages;\nset timezone to 'Europe/Berlin';\nselect timestamptz '2024-07-01 00:00+00';\nreset all;\nshow timezone;",
    "single transaction": "select 1;\nselect 1/0;\nselect 2;",
    "write refused": "insert into readings (site, device, ts) values ('x', 1, now());",
    "listen": "listen news;\nnotify news;\nunlisten news;",
    "explain is text": "select 1 where false;\nvalues (1, 'a'), (2, 'b');\ntable devices limit 0;",
}
for name, script in SCRIPTS.items():
    step(name, lambda s=script: psql(s))
step("errverbose", lambda: psql("select nope;\n\\errverbose\n"))
step("-1 and ON_ERROR_STOP", lambda: psql("select 1;\nselect 1/0;\nselect 2;", "-1", "-v", "ON_ERROR_STOP=1"))
step("-l", lambda: psql("", "-l"))
step("-c twice", lambda: psql("", "-At", "-c", "select 1; select 2", "-c", "select 3"))
step("unknown database", lambda: psql("", "-d", "nope"))


class Terminal:
    """psql at a terminal of 200 columns."""

    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="dumb", PAGER="", INPUTRC="/dev/null")
            os.execvp("psql", ["psql", "-X"])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.until(r"fedgate=[>#] $")

    def until(self, pattern=None, quiet_s=1.5, most_s=20):
        """What it writes, up to the pattern, or until it has been quiet."""
        seen, end = "", time.monotonic() + most_s
        while time.monotonic() < end:
            ready, _, _ = select.select([self.fd], [], [], quiet_s)
            if not ready:
                if pattern is None:
                    break
                continue
            seen += os.read(self.fd, 65536).decode(errors="replace")
            if pattern and re.search(pattern, seen):
                break
        return seen

    def completed(self, typed):
        """What is on the line, and the choices that two tabs show; then the line is given up."""
        os.write(self.fd, typed.encode() + b"\t")
        seen = self.until()
        if not seen.rstrip("\x07").endswith(" "):  # not one choice alone: a second tab shows them
            os.write(self.fd, b"\t")
            seen += self.until()
        seen = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x07", "", seen)
        os.write(self.fd, b"\x15\x03")
        self.until(r"fedgate=[>#] $")
        return sorted(set(re.findall(r"[\w\".]+", seen)))

    def close(self):
        os.write(self.fd, b"\\q\n")
        os.waitpid(self.pid, 0)
        os.close(self.fd)


terminal = Terminal()
for typed in (
    "select * from read",
    "select * from pla",
    "select * from plant.",
    "\\d dev",
    "select * from devices where mod",
    "set timez",
    "\\dn pl",
    "select * from hourly group by si",
    "show time",
    "\\df low",
):
    step(f"completes {typed!r}", lambda t=typed: terminal.completed(t))


def interrupted():
    os.write(terminal.fd, b"select pg_sleep(20);\n")
    time.sleep(0.7)
    os.write(terminal.fd, b"\x03")
    return re.findall(r"ERROR: .*", terminal.until(r"fedgate=[>#] $").replace("\r", ""))


step("interrupted by Ctrl-C", interrupted)
terminal.close()
say(step="done", value=True)
