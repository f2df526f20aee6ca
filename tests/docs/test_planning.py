"""The EXPLAIN in "How a query is planned" is what the demo fleet says."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from pathlib import Path

from fedgate.demo import build
from fedgate.planner.pipeline import RULES, Rule

PAGE = Path(__file__).parents[2] / "docs" / "planning.md"


def test_the_explain_on_the_page_is_real(tmp_path: Path) -> None:
    found = re.search(r"```sql\n(EXPLAIN .*?)```\n\n```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    catalog = build(tmp_path / "demo", lambda *_: None)
    command = [sys.executable, "-m", "fedgate.cli.main", "sql", "--catalog", str(catalog), "--format", "csv", "-c", found.group(1)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [row[0] for row in csv.reader(io.StringIO(done.stdout))][1:]
    assert lines == found.group(2).splitlines()


def test_the_page_lists_the_rules_as_their_files_describe_them() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)
    assert rows == [(rule.name, _first_line(rule)) for rule in RULES]


def test_each_rule_says_when_it_may_be_used() -> None:
    assert [rule.name for rule in RULES if "Precondition:" not in _docstring(rule)] == []


def _first_line(rule: Rule) -> str:
    name, _, said = _docstring(rule).splitlines()[0].partition(": ")
    assert name == rule.name
    return said


def _docstring(rule: Rule) -> str:
    return sys.modules[rule.apply.__module__].__doc__ or ""
