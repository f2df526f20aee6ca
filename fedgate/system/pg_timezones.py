"""Rows of pg_timezone_names and pg_timezone_abbrevs: the zones that the setting TimeZone takes, as they are now.

Source: https://www.postgresql.org/docs/15/view-pg-timezone-names.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from fedgate.system.build import Row, Rows
from fedgate.system.facts import Facts
from fedgate.system.objects import Shown
from fedgate.types.zone_abbreviations import ABBREVIATIONS


def pg_timezone_names(shown: Shown, facts: Facts) -> Iterator[Row]:
    return iter(_names(datetime.now(UTC).replace(minute=0, second=0, microsecond=0)))


@lru_cache(maxsize=1)
def _names(now: datetime) -> tuple[Row, ...]:
    """All zones; offsets and abbreviations change at whole hours at most."""
    found = []
    for name in sorted(available_timezones()):
        local = now.astimezone(ZoneInfo(name))
        offset, saving = local.utcoffset(), local.dst()
        assert offset is not None
        found.append(
            {"name": name, "abbrev": local.tzname(), "utc_offset": _interval(int(offset.total_seconds())), "is_dst": bool(saving)}
        )
    return tuple(found)


def pg_timezone_abbrevs(shown: Shown, facts: Facts) -> Iterator[Row]:
    for abbrev, seconds in sorted(ABBREVIATIONS.items()):
        yield {"abbrev": abbrev.upper(), "utc_offset": _interval(seconds), "is_dst": abbrev.upper() in _DAYLIGHT}


def _interval(seconds: int) -> Any:
    return (0, 0, seconds * 1_000_000_000)


_DAYLIGHT: Final = frozenset(
    (
        *(
            "ACDT",
            "ACSST",
            "ADT",
            "AEDT",
            "AESST",
            "AKDT",
            "ALMST",
            "AWSST",
            "AZOST",
            "BDST",
            "BRST",
            "BST",
            "CADT",
            "CDT",
            "CEST",
            "CETDST",
            "CHADT",
            "CLST",
            "EASST",
        ),
        *(
            "EDT",
            "EEST",
            "EETDST",
            "EGST",
            "FJST",
            "FNST",
            "IDT",
            "KDT",
            "KGST",
            "LHDT",
            "MDT",
            "MEST",
            "MESZ",
            "METDST",
            "MSD",
            "MUST",
            "NDT",
            "NZDT",
            "PDT",
            "PKST",
        ),
        *("PMDT", "PYST", "SADT", "ULAST", "UYST", "UZST", "WADT", "WDT", "WETDST", "WGST", "YEKST"),
    )
)
ROWS: Final[dict[str, Rows]] = {rows.__name__: rows for rows in (pg_timezone_names, pg_timezone_abbrevs)}
