"""Nothing that a user can write goes undocumented: settings, configuration, commands and document fields, read from the code."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fedgate import config
from fedgate.catalog.documents import schema
from fedgate.catalog.names import KINDS
from fedgate.cli.main import parser
from fedgate.settings.table import ACTIVE, FIXED, INERT, SPELLING, Setting

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", ACTIVE + FIXED + INERT, ids=lambda s: s.name)
def test_every_setting_is_documented(setting: Setting) -> None:
    name = SPELLING.get(setting.name, setting.name)
    settings = page("reference/settings.md").partition("\n## The server's file")[0]
    rows = [line for line in settings.splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 1, f"{name} has {len(rows)} rows"
    if setting.default:
        assert f"| `{setting.default}` |" in rows[0]
    if not setting.inert:
        assert setting.about in rows[0]


def test_every_documented_setting_exists() -> None:
    known = {SPELLING.get(s.name, s.name) for s in ACTIVE + FIXED + INERT} | set(config._FIELDS)
    named = re.findall(r"^\| `([\w.]+)` \|", page("reference/settings.md"), re.MULTILINE)
    assert set(named) == known


def commands(top: argparse.ArgumentParser, path: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield f"{path} {name}".strip(), below
                yield from commands(below, f"{path} {name}".strip())


@pytest.mark.parametrize(("command", "below"), list(commands(parser())), ids=lambda v: v if isinstance(v, str) else "")
def test_every_command_and_option_is_documented(command: str, below: argparse.ArgumentParser) -> None:
    first, *rest = command.split()
    section = page("reference/commands.md").partition(f"## fedgate {first}\n")[2].partition("\n## ")[0]
    assert section, f"no section for fedgate {first}"
    for word in rest:
        assert f"`{word}" in section
    options = {option for action in below._actions for option in action.option_strings} - {"-h", "--help"}
    assert {option for option in options if option not in section} == set()


def fields(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for value in node.values():
            yield from fields(value)
    elif isinstance(node, list):
        for value in node:
            yield from fields(value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_field_is_documented(kind: str) -> None:
    text = page("reference/catalog.md")
    section = text.partition(f"\n## {kind}\n")[2].partition("\n## ")[0]
    everywhere = text.partition("\n## ")[0]
    missing = {name for name in fields(json.loads(json.dumps(schema(kind)))) if not re.search(rf"\b{name}\b", section + everywhere)}
    assert missing == set()


def test_links_between_pages_lead_somewhere() -> None:
    root = DOCS.parent
    for file in [root / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name}: {target}"
