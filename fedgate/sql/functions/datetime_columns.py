"""to_char of times by constant templates in DuckDB's own functions, a column at a time.

Only patterns that read the same there, and only years of four digits: other moments (and infinite ones) go to the interpreter of
`datetime_format`, row by row.
"""

from __future__ import annotations

from fedgate.sql.functions.carriers import quote
from fedgate.sql.functions.datetime_template import Part, parts

# Pattern -> (strftime's form, the one without leading zeros that FM asks for).
_FORMS = {
    "YYYY": ("%Y", "%Y"),
    "YY": ("%y", "%-y"),
    "MM": ("%m", "%-m"),
    "DD": ("%d", "%-d"),
    "DDD": ("%j", "%-j"),
    "HH24": ("%H", "%-H"),
    "HH12": ("%I", "%-I"),
    "HH": ("%I", "%-I"),
    "MI": ("%M", "%-M"),
    "SS": ("%S", "%-S"),
    "MS": ("%g", "%g"),
    "FF3": ("%g", "%g"),
    "US": ("%f", "%f"),
    "FF6": ("%f", "%f"),
    "IYYY": ("%G", "%G"),
}
_NAMES = {"MONTH": ("%B", 9), "MON": ("%b", 0), "DAY": ("%A", 9), "DY": ("%a", 0)}
_NUMBERS = {
    "Q": ("quarter({0})", 1),
    "D": ("dayofweek({0}) + 1", 1),
    "ID": ("isodow({0})", 1),
    "W": ("(day({0}) - 1) // 7 + 1", 1),
    "WW": ("(dayofyear({0}) - 1) // 7 + 1", 2),
    "IW": ("week({0})", 2),
}


def written(local: str, template: str, otherwise: str) -> str | None:
    """The SQL of to_char of the local timestamp `local`, `otherwise` for other years; None for templates with other patterns."""
    pieces: list[str] = []
    form = ""
    for part in parts(template):
        if (now := _form(part)) is not None:
            form += now
            continue
        piece = _piece(local, part)
        if piece is None:
            return None
        pieces += [_strftime(local, form), piece] if form else [piece]
        form = ""
    if form:
        pieces.append(_strftime(local, form))
    if not pieces:
        return None
    return f"CASE WHEN year({local}) BETWEEN 1000 AND 9999 THEN {' || '.join(pieces)} ELSE {otherwise} END"


def _strftime(local: str, form: str) -> str:
    return f"strftime({local}, {quote(form)})"


def _form(part: Part) -> str | None:
    """The part of strftime's format that says the same, None if there is none."""
    if part.kind != "field":
        return part.text.replace("%", "%%")
    if part.name == "FX":
        return ""
    if part.suffix or part.local:
        return None
    if part.name in ("AM", "PM"):
        return "%p" if part.text[0].isupper() else None
    found = _FORMS.get(part.name)
    if found is not None:
        return found[part.fill]
    name = _NAMES.get(part.name)
    return name[0] if name and part.text.istitle() and (part.fill or not name[1]) else None


def _piece(local: str, part: Part) -> str | None:
    """A pattern as an expression of its own, None if there is none."""
    if part.suffix or part.local:
        return None
    if part.name in ("AM", "PM"):
        return f"lower({_strftime(local, '%p')})"
    if part.name in _NAMES:
        form, width = _NAMES[part.name]
        text = _strftime(local, form)
        if not part.text.istitle():
            text = f"{'upper' if part.text.isupper() else 'lower'}({text})"
        return f"rpad({text}, {width}, ' ')" if width and not part.fill else text
    if part.name in _NUMBERS:
        number, width = _NUMBERS[part.name]
        text = f"CAST({number.format(local)} AS VARCHAR)"
        return f"lpad({text}, {width}, '0')" if width > 1 and not part.fill else text
    return None
