"""dbt: `dbt debug`, and `dbt show` of inline models over the tables."""

import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version as installed
from pathlib import Path

from steps import step, version

version(installed("dbt-postgres"))
place = Path(tempfile.mkdtemp(dir=os.environ["CLIENT_PLACE"]))
(place / "dbt_project.yml").write_text("name: probe\nversion: '1.0'\nprofile: probe\n")
(place / "profiles.yml").write_text(
    f"""probe:
  target: it
  outputs:
    it: {{type: postgres, host: {os.environ["PGHOST"]}, port: {os.environ["PGPORT"]}, user: {os.environ["PGUSER"]}, password: none,
          dbname: {os.environ["PGDATABASE"]}, schema: public, threads: 1}}
"""
)


def dbt(*arguments):
    done = subprocess.run(
        [sys.argv[1], "--no-use-colors", "--no-send-anonymous-usage-stats", *arguments, "--profiles-dir", "."],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout


def debugged():
    status, printed = dbt("debug", "--connection")
    return status, [line.split("  ")[-1].strip() for line in printed.splitlines() if "Connection test" in line]


def shown(text):
    status, printed = dbt("--quiet", "show", "--inline", text, "--output", "json")
    return status, json.loads(printed)["show"] if status == 0 else "failed"


step("debug", debugged)
step("show", lambda: shown("select device, model, installed from devices order by device"))
