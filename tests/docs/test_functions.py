"""The page of functions is the function table's, and has the breadth that is promised."""

from __future__ import annotations

import re

from tools.generate_function_page import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python tools/generate_function_page.py"


def test_names_of_every_kind_are_listed() -> None:
    text = page()
    assert len(set(re.findall(r"^\| `([^ ]+)` \|", text, re.MULTILINE))) >= 300
    for name in ("date_trunc", "jsonb_set", "percentile_cont", "generate_series", "dense_rank", "~*", "to_timestamp"):
        assert f"| `{name}` |" in text
    assert "fedgate_raise" not in text
