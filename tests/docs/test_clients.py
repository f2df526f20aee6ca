"""The page of clients is what their last runs gave, and leaves no client out."""

from __future__ import annotations

from tests.foreign.definition import names, read
from tests.foreign.results import read as results
from tools.generate_clients_page import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python tools/generate_clients_page.py"


def test_every_client_is_on_the_page() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert sorted(results()) == names(), "tools/test clients NAME…"
    for name in names():
        definition = read(name)
        assert f"[{definition.title}]({definition.url}) ({definition.language})" in shown
