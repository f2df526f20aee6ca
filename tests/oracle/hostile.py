"""Strings that break whoever builds SQL from text: at least 2,000, the same every time, none with a NUL, all different."""

from __future__ import annotations

import random

COUNT = 2200
# fmt: off
SINGLES = (
    # quotes and what ends them
    "'", "''", "'''", '"', '""', "`", "´", "\u2018", "\u2019", "\u02bc", "\uff07", "\uff02", "\u2033", "\\'", "\\''", "'\\",
    "\\", "\\\\",
    # comments, stacked statements, the end of a statement
    "--", "-- ", "#", "/*", "*/", "/**/", "/* ' */", ";", ";;", "'; drop table hostile; --", '"; drop table hostile; --',
    "1); delete from hostile; --", "'); attach 'x.db' as y; --", "'; pragma writable_schema=1; --",
    "'; copy hostile to '/tmp/x'; --",
    "'||(select 1)||'", "' or '1'='1", "') or ('1'='1", '" or ""="', "' union all select null, null --",
    "\\'; select pg_sleep(9); --",
    "'; install httpfs; load httpfs; --", "'||load_extension('x')||'", "]]>", "' collate nocase --", "commit;", "\\gexec",
    "\\copy",
    # dollar quotes
    "$$", "$a$", "$$'$$", "$q$ ' $q$", "$1", "$2", "$0", "$-1", "$tag$;--$tag$",
    # format marks and templates
    "%s", "%", "%%", "%d", "%(s)s", "%1$s", "%n", "{}", "{0}", "{{}}", "{s}", "${s}", "#{s}", "?", "??", "?1", ":s", "::text",
    "@s", "<s>",
    # marks as programs make them, escapes as texts
    "\\x00", "\\0", "\\u0000", "\x01", "\x02s\x03", "\x1a", "\x1b[31m", "\x1f", "\x7f", "SQLSTATE:22012:", "E'\\n'", "\\n",
    "\\t", "\\x41",
    "\\101", "\\u0041", "U&'\\0041'", "\\U0001F600", "N'x'", "B'101'", "X'41'", "\\xdeadbeef", "&#39;", "%27", "\\\r\n",
    # patterns
    "_", "a_b", "%a%", "\\%", "\\_", "[a-z]", "[^a]", "*", "a*b", "?x", ".", ".*", "^$", "^", "$", "(", ")", "(?i)a", "(?=a)",
    "|", "a|b",
    "+", "{1}", "{1,2}", "\\d", "\\m", "\\1", "***=", "[[:alpha:]]", "[", "]", "[]", "-",
    # arrays, rows, json
    "{a,b}", '{"a","b"}', "{NULL}", "NULL", "null", "(1,2)", "[1,2]", '{"a": 1}', '"\\""', ",", "a,b", '{"a\\', "}",
    # numbers, words, spaces
    "", " ", "  ", "\t", "\n", "\r", "\r\n", "a\n", " a", "a ", "0", "-0", "1e5", "0x1F", "NaN", "Infinity", "true", "f",
    "select", "c1",
    # unicode: marks, directions, spaces without width, the ends of planes
    "\u00a0", "\u2028", "\ufeff", "\u200b", "\u202e", "\u0301", "e\u0301", "\u00e9", "ß", "ﬀ", "İ", "ı", "K", "東京", "🙂",
    "👩\u200d👩\u200d👧",
    "\ud7ff", "\ue000", "\ufffd", "\uffff", "\U0010ffff", "Ā" * 40,
)
# fmt: on
LONG = ("'" * 5000, "\\" * 4999, '"' * 3000 + "'", "%" * 2000, "(" * 3000, "-- " * 1000, "{" * 1000)


def strings() -> tuple[str, ...]:
    """All of them: each alone, in pairs, and between words."""
    dice = random.Random(2)
    found = dict.fromkeys((*SINGLES, *LONG))
    while len(found) < COUNT:
        parts = dice.choices(SINGLES, k=dice.choice((2, 2, 2, 3, 4)))
        found["".join(parts) if dice.random() < 0.7 else f"a{parts[0]}b{''.join(parts[1:])}c"] = None
    return tuple(found)


def quoted(text: str) -> str:
    """As a literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def escaped(text: str) -> str:
    """As an E'' literal."""
    return "E'" + "".join(f"\\{c}" if c in "'\\" else "\\n" if c == "\n" else c for c in text) + "'"


def dollars(text: str) -> str:
    """Between dollar quotes that the text does not end."""
    tag = next(tag for tag in ("$$", "$q$", "$r9$", "$hostile$") if tag not in text + tag[:-1])
    return f"{tag}{text}{tag}"


def by_numbers(text: str) -> str:
    """As a U&'' literal, all of it by code points."""
    return "U&'" + "".join(f"\\+{ord(c):06x}" for c in text) + "'"


def identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def like_itself(text: str, escape: str = "\\") -> str:
    """The LIKE pattern that only this text matches."""
    return "".join(f"{escape}{c}" if c in f"{escape}%_" else c for c in text)


def regex_itself(text: str) -> str:
    """The regular expression that only this text matches."""
    return "^" + "".join(f"\\{c}" if c.isascii() and not c.isalnum() and c.isprintable() else c for c in text) + "$"


def names() -> tuple[str, ...]:
    """Those that are identifiers to PostgreSQL as they are: 1 to 63 bytes."""
    return tuple(s for s in strings() if 0 < len(s.encode()) <= 63)
