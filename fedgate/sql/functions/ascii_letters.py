"""What looks at letters of texts with the collation C, which has no letters beyond ASCII. No statement can name these functions."""

from __future__ import annotations

import re
import string

from fedgate.sql.functions.regex import ASCII
from fedgate.sql.functions.table import OWN, function
from fedgate.sql.functions.udf import scalar

_WORD = re.compile("[0-9A-Za-z]+")


@scalar("pg_ascii_initcap", ["VARCHAR"], "VARCHAR")
def initcap(text: str) -> str:
    """The first letter of each word in upper case, the others in lower; words are of letters and digits."""
    return _WORD.sub(lambda word: word[0][0].upper() + word[0][1:].lower(), text)


function(f"{OWN}lower", "string|bpchar", f"translate({{0}}, '{string.ascii_uppercase}', '{string.ascii_lowercase}')")
function(f"{OWN}upper", "string", f"translate({{0}}, '{string.ascii_lowercase}', '{string.ascii_uppercase}')")
function(f"{OWN}initcap", "string", "pg_ascii_initcap({0})")
function(f"{OWN}pattern", "string", f"(chr({ord(ASCII)}) || {{0}})")
