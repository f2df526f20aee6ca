"""Buckets and parts of times as each tool writes them, over a timestamp with and without time zone and a date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.oracle.statements import Statement

COLUMNS = ("time_hour", "sched", "day")
UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year")
PARTS = {"minute": "minute", "hour": "hour", "day": "day", "doy": "doy", "dow": "dow", "isodow": "isodow", "week": "week",
         "month": "month", "quarter": "quarter", "year": "year"}  # fmt: skip
_COUNTED = "SELECT {bucket} AS bucket, count(*) AS n, min({column}) AS first FROM flights WHERE id <= 240 GROUP BY 1 ORDER BY 1"


def statements(columns: Iterable[str]) -> Iterator[Statement]:
    for column in columns:
        for at, bucket in enumerate(_buckets(f'"public"."flights"."{column}"', column)):
            yield Statement(f"buckets:{column}:{at}", _COUNTED.format(bucket=bucket, column=column))


def _buckets(name: str, column: str) -> Iterator[str]:
    for unit in UNITS:
        yield f"DATE_TRUNC('{unit}', {name})"
        yield f"CAST(DATE_TRUNC('{unit}', {name}) AS date)"
        yield f"DATE_TRUNC('{unit}', CAST({name} AS timestamp))"
    yield f"CAST({name} AS date)"
    # weeks that start on Sunday, and on Saturday
    yield f"(CAST(DATE_TRUNC('week', ({name} + INTERVAL '1 day')) AS date) + INTERVAL '-1 day')"
    yield f"(CAST(DATE_TRUNC('week', ({name} + INTERVAL '2 day')) AS timestamp) + INTERVAL '-2 day')"
    for part in PARTS:
        yield f"CAST(extract({part} from {name}) AS integer)"
    yield f"CASE WHEN CAST(extract(dow from {name}) AS integer) = 0 THEN 7 ELSE CAST(extract(dow from {name}) AS integer) END"
    yield f"date_part('epoch', {name})"
    yield f"to_char({name}, 'YYYY-\"Q\"Q')"
    yield f"to_char({name}, 'Dy DD Mon YYYY')"
    if column != "day":
        for minutes in (5, 15, 30):
            yield (f"DATE_TRUNC('hour', {name}) + INTERVAL '{minutes} minutes' * FLOOR(EXTRACT(MINUTE FROM {name}) / {minutes})")
        yield f"DATE_TRUNC('hour', {name} AT TIME ZONE 'America/New_York')"
        yield f"CAST({name} AT TIME ZONE 'Asia/Kathmandu' AS date)"
