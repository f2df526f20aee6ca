"""Random typed expressions: each type has its literals, its operators and its functions, and turns into others by casts."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

LITERALS: dict[str, tuple[str, ...]] = {
    "int2": ("0::int2", "1::int2", "(-1)::int2", "3::int2", "32767::int2"),
    "int4": ("0", "1", "7", "105", "(-3)", "4", "2147483647"),
    "int8": ("0::int8", "9007199254740993", "(-1099511627776)", "1000::int8", "9223372036854775807"),
    "numeric": ("0.0", "1.5", "(-3.25)", "100.0001", "0.333", "123456789012345678901234567890.5"),
    "float8": ("0::float8", "20.5::float8", "(-7.25)::float8", "1e10::float8", "'Infinity'::float8", "9007199254740992::float8"),
    "float4": ("0::float4", "50.5::float4", "12.125::float4"),
    "text": ("''", "'s1'", "'ok'", "'A1'", "'naïve Δt'", "'it''s'", "'東京'", "'100%'", "'🙂'", "'Straße'", "'e\u0301'"),
    "bool": ("true", "false", "null::bool"),
    "timestamptz": (
        "timestamptz '2024-03-01 00:00+00'",
        "timestamptz '2024-03-31 01:30+00'",
        "timestamptz '2024-03-10 12:34:56.123456+00'",
        "timestamptz '2024-10-27 01:30'",
    ),
    "date": ("date '2024-03-01'", "date '2024-02-29'", "date '2021-06-15'"),
    "timestamp": ("timestamp '2024-03-10 02:30'", "timestamp '2024-10-27 01:59:59.999999'", "timestamp '2021-06-15'"),
    "time": ("time '00:00'", "time '04:05:06.789'", "time '23:59:59.999999'"),
    "interval": ("interval '1 day 02:03'", "interval '1 mon'", "interval '-00:00:00.5'"),
    "uuid": ("uuid '00000000-0000-0000-0000-000000000000'", "uuid '7fffffff-ffff-ffff-ffff-ffffffffffff'"),
    "bytea": ("'\\x'::bytea", "'\\x00ff10'::bytea", "'\\x27'::bytea"),
    "varchar": ("''::varchar", "'v4'::varchar", "'naïve'::varchar(3)"),
}
# {0} and {1} stand for arguments of the types that follow.
RULES: dict[str, tuple[tuple[str, ...], ...]] = {
    "int2": (("({0} % 3::int2)", "int2"), ("abs({0})", "int2"), ("coalesce({0}, {1})", "int2", "int2")),
    "int4": (
        ("({0} % 10)", "int4"),
        ("length({0})", "text"),
        ("coalesce({0}, {1})", "int4", "int4"),
        ("({0} / 3)", "int4"),
        ("extract(hour from {0})::int4", "timestamptz"),
        ("({0} - {1})", "date", "date"),
        ("nullif({0}, {1})", "int4", "int4"),
        ("case when {0} then {1} else {2} end", "bool", "int4", "int4"),
        ("{0}::int4", "int2"),
        ("abs({0} % 100)", "int4"),
        ("extract(isodow from {0})::int4", "timestamp"),
        ("octet_length({0})", "bytea"),
        ("extract(hour from {0})::int4", "timestamptz"),
        ("extract(doy from {0})::int4", "date"),
        ("position('a' in {0})", "text"),
        ("(case when abs({0}) < 1000 then {0}::int4 end)", "float8"),
        ("(case when {0} between -1000 and 1000 then {0}::int4 end)", "numeric"),
        ("({0} & {1})", "int4", "int4"),
        ("({0} >> 1)", "int4"),
        ("sign({0})::int4", "numeric"),
        ("strpos({0}, {1})", "text", "text"),
        ("ascii({0})", "text"),
        ("coalesce(array_position(array['s1', 'A', {0}], {1}), 0)", "text", "text"),
        ("width_bucket({0}, array[-2, 0, 3, 7])", "int4"),
        ("least({0}, {1}, 5)", "int4", "int4"),
        ("extract(quarter from {0})::int4", "timestamptz"),
        ("extract(week from {0})::int4", "date"),
        ("char_length({0})", "varchar"),
    ),
    "int8": (
        ("({0} / 1000)", "int8"),
        ("({0} % 1000)", "int8"),
        ("coalesce({0}, {1})", "int8", "int8"),
        ("{0}::int8", "int4"),
        ("(-{0})", "int8"),
    ),
    "numeric": (
        ("({0} * 2)", "numeric"),
        ("({0} + {1})", "numeric", "numeric"),
        ("round({0}, 1)", "numeric"),
        ("({0} / 7)", "numeric"),
        ("({0} * {1})", "numeric", "int4"),
        ("extract(epoch from {0})", "timestamptz"),
        ("(case when abs({0}) < 1e15 then {0}::numeric end)", "float8"),
        ("trunc({0}, -1)", "numeric"),
        ("ceil({0})", "numeric"),
        ("mod({0}, 7.25)", "numeric"),
        ("div({0}, 3)", "numeric"),
        ("{0}::numeric(6, 1) % 10", "int2"),
        ("{0}::numeric", "int8"),
        ("extract(microseconds from {0})", "time"),
        ("{0}::numeric", "int4"),
        ("coalesce({0}, {1})", "numeric", "numeric"),
        ("abs({0})", "numeric"),
        ("({0} - 0.5)", "numeric"),
        ("extract(epoch from {0})", "interval"),
        ("extract(second from {0})", "time"),
    ),
    "float8": (
        ("({0} * 2)", "float8"),
        ("({0} + {1})", "float8", "float8"),
        ("abs({0})", "float8"),
        ("floor({0})", "float8"),
        ("coalesce({0}, {1})", "float8", "float8"),
        ("{0}::float8", "int4"),
        ("greatest({0}, {1})", "float8", "float8"),
        ("{0}::float8", "numeric"),
        ("{0}::float8", "int8"),
        ("{0}::float8", "float4"),
        ("({0} / 3)", "float8"),
        ("round({0})", "float8"),
        ("trunc({0})", "float8"),
        ("nullif({0}, {1})", "float8", "float8"),
        ("date_part('minute', {0})", "timestamptz"),
    ),
    "float4": (("({0} + 1::float4)", "float4"), ("coalesce({0}, {1})", "float4", "float4"), ("abs({0})", "float4")),
    "text": (
        ("upper({0})", "text"),
        ("({0} || '-' || {1})", "text", "text"),
        ("left({0}, 2)", "text"),
        ("coalesce({0}, {1})", "text", "text"),
        ("{0}::text", "int4"),
        ("substring({0} from 2 for 2)", "text"),
        ("to_char({0}, 'YYYY-MM')", "timestamptz"),
        ("{0}::text", "bool"),
        ("case when {0} then {1} end", "bool", "text"),
        ("replace({0}, 'a', 'b')", "text"),
        ("reverse({0})", "text"),
        ("split_part({0}, 'a', 1)", "text"),
        ("lpad({0}, 5, '·')", "text"),
        ("{0}::text", "float8"),
        ("{0}::text", "float4"),
        ("{0}::text", "interval"),
        ("{0}::text", "timestamp"),
        ("{0}::text", "date"),
        ("{0}::text", "bytea"),
        ("concat({0}, '/', {1})", "numeric", "timestamptz"),
        ("format('%s|%L', {0}, {1})", "int4", "text"),
        ("md5({0})", "text"),
        ("initcap({0})", "text"),
        ("translate({0}, 'aé', 'xy')", "text"),
        ("regexp_replace({0}, '[aeo]', '*', 'g')", "text"),
        ("substring({0} from '[a-z]+')", "text"),
        ("trim(both 's' from {0})", "text"),
        ("repeat({0}, 2)", "text"),
        ("right({0}, -1)", "text"),
        ("quote_literal({0})", "text"),
        ("to_jsonb({0})::text", "timestamptz"),
        ("to_jsonb({0})::text", "numeric"),
        ("(jsonb_build_object('a', {0}) ->> 'a')", "text"),
        ("array_to_string(array[{0}, {1}], ',', '-')", "text", "text"),
        ("greatest({0}, {1})", "text", "text"),
        ("to_char({0}, 'FM9990.00')", "numeric"),
        ("to_char({0}, 'Day, DD Mon YYYY HH12:MI AM')", "timestamptz"),
        ("{0}::text", "numeric"),
        ("lower({0})", "text"),
        ("{0}::text", "timestamptz"),
        ("to_char({0}, 'Dy DD HH24:MI:SS.US')", "timestamp"),
        ("left({0}::text, 8)", "uuid"),
        ("encode({0}, 'hex')", "bytea"),
        ("({0} || {1})", "varchar", "text"),
        ("upper({0})", "varchar"),
    ),
    "bool": (
        ("({0} = {1})", "int4", "int4"),
        ("({0} < {1})", "float8", "float8"),
        ("({0} >= {1})", "timestamptz", "timestamptz"),
        ("({0} and {1})", "bool", "bool"),
        ("({0} or {1})", "bool", "bool"),
        ("(not {0})", "bool"),
        ("({0} is null)", "text"),
        ("({0} in ('s1', 'd1', 'A1'))", "text"),
        ("({0} between {1} and {2})", "date", "date", "date"),
        ("({0} like '%a%')", "text"),
        ("({0} <> {1})", "text", "text"),
        ("({0} is distinct from {1})", "int8", "int8"),
        ("({0} > {1})", "numeric", "numeric"),
        ("({0} is not true)", "bool"),
        ("({0} in (1, 3, 5, 105))", "int4"),
        ("({0} = {1})", "text", "text"),
        ("({0} < {1})", "int2", "int2"),
        ("({0} <= {1})", "float4", "float4"),
        ("({0} is not null)", "float8"),
        ("({0} < {1})", "text", "text"),
        ("({0} < {1})", "timestamp", "timestamp"),
        ("({0} >= {1})", "timestamp", "timestamptz"),
        ("({0} <= {1})", "date", "timestamptz"),
        ("({0} > {1})", "time", "time"),
        ("({0} < {1})", "interval", "interval"),
        ("({0} <> {1})", "uuid", "uuid"),
        ("({0} > {1})", "bytea", "bytea"),
        ("({0} = {1})", "varchar", "text"),
        ("({0} ilike 'a%')", "varchar"),
        ("({0} ~ '[a-z]$')", "text"),
        ("({0} > {1})", "timestamptz", "date"),
        ("({0} < {1}::timestamp)", "timestamptz", "date"),
        ("({0} = {1})", "timestamp", "date"),
        ("({0} between {1} and {2})", "timestamptz", "date", "timestamp"),
        ("({0} not between {1} and {2})", "date", "timestamp", "timestamptz"),
        ("({0} between symmetric {1} and {2})", "int4", "numeric", "int8"),
        ("({0} = {1})", "int8", "float8"),
        ("({0} < {1})", "float8", "int8"),
        ("({0} >= {1})", "numeric", "float8"),
        ("({0} = {1})", "int2", "numeric"),
        ("({0} <> {1})", "float4", "float8"),
        ("(({0}, {1}) < ({2}, {3}))", "int4", "text", "int4", "text"),
        ("({0} = any (array[{1}, {2}]))", "int8", "int8", "int8"),
        ("({0} similar to '(s|d)[0-9]')", "text"),
        ("starts_with({0}, {1})", "text", "text"),
        ("({0} ^@ 's')", "text"),
        ("({0} not ilike '%É%')", "text"),
        ("({0} !~* 'z')", "text"),
        ("isfinite({0})", "timestamptz"),
        ("(({0}, {0} + 3) overlaps ({1}, {1} + 1))", "date", "date"),
        ("({0} > all (array[{1}, 2]))", "int4", "int4"),
        ("({0} in ({1}, {2}, null))", "date", "date", "date"),
        ("({0} is not distinct from {1})", "numeric", "numeric"),
        ("({0} < {1})", "bool", "bool"),
        ("({0} >= {1})", "varchar", "text"),
        ("(extract(dow from {0}) in (0, 6))", "timestamptz"),
    ),
    "timestamptz": (
        ("date_trunc('hour', {0})", "timestamptz"),
        ("date_trunc('day', {0})", "timestamptz"),
        ("({0} + interval '1 day')", "timestamptz"),
        ("coalesce({0}, {1})", "timestamptz", "timestamptz"),
        ("date_trunc('month', {0})", "timestamptz"),
        ("({0} at time zone 'Europe/Berlin')", "timestamp"),
        ("date_trunc('day', {0}, 'Australia/Lord_Howe')", "timestamptz"),
        ("date_bin('7 days', {0}, timestamptz '2024-01-01 00:00+00')", "timestamptz"),
        ("({0} + interval '1 mon -1 day 02:30')", "timestamptz"),
        ("{0}::timestamptz", "date"),
        ("({0} at time zone 'America/Sao_Paulo')", "timestamp"),
    ),
    "date": (
        ("({0} + 3)", "date"),
        ("least({0}, {1})", "date", "date"),
        ("({0} - 40)", "date"),
        ("{0}::date", "timestamptz"),
        ("coalesce({0}, {1})", "date", "date"),
    ),
    "timestamp": (
        ("({0} + interval '1 day')", "timestamp"),
        ("date_trunc('week', {0})", "timestamp"),
        ("({0} at time zone 'Europe/Berlin')", "timestamptz"),
        ("({0} at time zone 'America/St_Johns')", "timestamptz"),
        ("{0}::timestamp", "timestamptz"),
        ("({0} + {1})", "date", "time"),
        ("({0} - interval '1 mon')", "date"),
        ("date_bin('15 min', {0}, timestamp '2001-01-01')", "timestamp"),
        ("date_trunc('quarter', {0})", "timestamp"),
        ("coalesce({0}, {1})", "timestamp", "timestamp"),
    ),
    "time": (("({0} + interval '2 hours')", "time"), ("{0}::time", "timestamp"), ("coalesce({0}, {1})", "time", "time")),
    "interval": (
        ("({0} - {1})", "timestamp", "timestamp"),
        ("({0} + {1})", "interval", "interval"),
        ("justify_days({0})", "interval"),
        ("({0} - {1})", "timestamptz", "timestamptz"),
        ("age({0}, {1})", "timestamp", "timestamp"),
        ("({0} * 1.5)", "interval"),
        ("make_interval(days => {0} % 100)", "int4"),
        ("coalesce({0}, {1})", "interval", "interval"),
    ),
    "uuid": (("coalesce({0}, {1})", "uuid", "uuid"), ("nullif({0}, {1})", "uuid", "uuid")),
    "bytea": (("({0} || {1})", "bytea", "bytea"), ("substring({0} from 2)", "bytea"), ("coalesce({0}, {1})", "bytea", "bytea")),
    "varchar": (("coalesce({0}, {1})", "varchar", "varchar"), ("{0}::varchar(3)", "text")),
}
# {f} is where FILTER goes, if not to the end.
AGGREGATES: tuple[tuple[str, str, str], ...] = (
    ("count(*)", "", "int8"),
    ("count({0})", "any", "int8"),
    ("count(distinct {0})", "key", "int8"),
    ("sum({0})", "int4", "int8"),
    ("sum({0})", "int2", "int8"),
    ("sum({0})", "int8", "numeric"),
    ("sum({0})", "numeric", "numeric"),
    ("avg({0})", "int4", "numeric"),
    ("avg({0})", "numeric", "numeric"),
    ("min({0})", "timestamptz", "timestamptz"),
    ("max({0})", "timestamptz", "timestamptz"),
    ("min({0})", "text", "text"),
    ("max({0})", "text", "text"),
    ("max({0})", "float8", "float8"),
    ("min({0})", "date", "date"),
    ("bool_and({0})", "bool", "bool"),
    ("bool_or({0})", "bool", "bool"),
    ("max({0})", "numeric", "numeric"),
    ("min({0})", "int4", "int4"),
    ("max({0})", "timestamp", "timestamp"),
    ("min({0})", "time", "time"),
    ("sum({0})", "interval", "interval"),
    ("max({0})", "varchar", "text"),
    ("string_agg({0}, ',' order by {0})", "text", "text"),
    ("string_agg(distinct {0}, '|')", "text", "text"),
    ("array_to_string(array_agg({0} order by {0} desc){f}, '/', '?')", "numeric", "text"),
    ("json_agg({0} order by {0}){f}::text", "date", "text"),
    ("(array_agg({0} order by {0} desc nulls last){f})[1]", "timestamptz", "timestamptz"),
    ("array_length(array_agg(distinct {0}){f}, 1)", "float8", "int4"),
    ("sum(distinct {0})", "int4", "int8"),
    ("avg(distinct {0})", "numeric", "numeric"),
    ("percentile_cont(0.5) within group (order by {0})", "float8", "float8"),
    ("percentile_disc(0.25) within group (order by {0}::text desc)", "text", "text"),
    ("regr_count({0}, 1)", "float8", "int8"),
    ("max({0})", "interval", "interval"),
    ("min({0})", "numeric", "numeric"),
    ("count(distinct {0})", "any", "int8"),
    ("bit_or({0})", "int4", "int4"),
    ("percentile_disc(0.5) within group (order by {0})", "numeric", "numeric"),
    ("mode() within group (order by {0})", "int4", "int4"),
    ("var_pop({0})", "int4", "numeric"),
    ("stddev({0})", "numeric", "numeric"),
)
FLOAT_AGGREGATES: tuple[tuple[str, str, str], ...] = (
    ("sum({0})", "float8", "float8"),
    ("avg({0})", "float8", "float8"),
    ("avg({0})", "float4", "float8"),
)
KEYS = ("int4", "int2", "int8", "text", "date", "bool", "timestamp", "time", "uuid", "bytea", "varchar")
SPELLED_APART = ("interval",)
"""Types whose equal values may read differently (24:00:00 is 1 day): which of them a group shows is open."""


class Literal(str):
    """The text of a constant, which may be asked as a parameter."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Parameters:
    """Constants that become `$n`, each once; `chosen` says which do."""

    chosen: Callable[[str], bool]
    places: dict[str, int] = field(default_factory=dict)

    def place(self, kind: str, text: str) -> str:
        """How the constant of that type is written."""
        if not self.chosen(text):
            return text
        cast = re.search(r"::(\w+(?:\(\d+\))?)$", text)
        return f"${self.places.setdefault(text, len(self.places) + 1)}::{cast[1] if cast else kind}"

    def values(self) -> tuple[str | None, ...]:
        return tuple(_value(text) for text in self.places)


def _value(text: str) -> str | None:
    """A constant's value as text: what is quoted in it, or the number."""
    quoted = re.search(r"'((?:[^']|'')*)'", text)
    if quoted:
        return quoted[1].replace("''", "'")
    plain = text.partition("::")[0].strip("()")
    return None if plain == "null" else plain


PARAMETERS: ContextVar[Parameters | None] = ContextVar("PARAMETERS", default=None)
"""While a query is printed with parameters: they."""


@dataclass(frozen=True, slots=True)
class Expr:
    """Text with expressions in it, of one type."""

    type: str
    parts: tuple[str | Expr, ...]

    def sql(self) -> str:
        parameters = PARAMETERS.get()
        if parameters and isinstance(self.parts[0], Literal):
            return parameters.place(self.type, self.parts[0])
        return "".join(part if isinstance(part, str) else part.sql() for part in self.parts)

    def inside(self) -> Iterator[Expr]:
        for part in self.parts:
            if isinstance(part, Expr):
                yield part
                yield from part.inside()

    def smaller(self) -> Iterator[Expr]:
        """Simpler expressions of the same type."""
        if not any(isinstance(part, Expr) for part in self.parts):
            return
        yield from (inner for inner in self.inside() if inner.type == self.type)
        if "(" not in self.sql() or not any(word in self.sql() for word in ("count(", "sum(", "avg(", "min(", "max(", "bool_")):
            yield literal(self.type)
        for i, part in enumerate(self.parts):
            if isinstance(part, Expr):
                yield from (Expr(self.type, (*self.parts[:i], s, *self.parts[i + 1 :])) for s in part.smaller())


def column(alias: str, name: str, kind: str) -> Expr:
    return Expr(kind, (f"{alias}.{name}",))


def literal(kind: str, dice: random.Random | None = None) -> Expr:
    return Expr(kind, (Literal(dice.choice(LITERALS[kind]) if dice else LITERALS[kind][0]),))


def expression(dice: random.Random, scope: list[Expr], kind: str, depth: int) -> Expr:
    """A random expression of that type over the scope's columns."""
    columns = [c for c in scope if c.type == kind]
    if depth and (kind == "bool" or dice.random() < 0.5):
        template, *arguments = dice.choice(RULES[kind])
        return _filled(kind, template, [expression(dice, scope, argument, depth - 1) for argument in arguments])
    return dice.choice(columns) if columns and dice.random() < 0.8 else literal(kind, dice)


def aggregate(dice: random.Random, scope: list[Expr], *, floats: bool, only: str | None = None) -> Expr:
    """A random aggregate over the scope; `floats`: sums and averages of floats too; `only`: of that result type."""
    table = [row for row in AGGREGATES + (FLOAT_AGGREGATES if floats else ()) if only in (None, row[2])]
    template, argument, result = dice.choice(table)
    if argument == "any":
        arguments = [dice.choice(scope)]
    elif argument == "key":
        arguments = [dice.choice([c for c in scope if c.type in KEYS] or [literal("int4")])]
    else:
        arguments = [expression(dice, scope, argument, 1)] if argument else []
    before, _, after = template.partition("{f}")
    condition: tuple[str | Expr, ...] = ()
    if dice.random() < 0.15:
        condition = (" filter (where ", expression(dice, scope, "bool", 1), ")")
    return Expr(result, (*_filled(result, before, arguments).parts, *condition, after))


def _filled(kind: str, template: str, arguments: list[Expr]) -> Expr:
    # A template may name an argument twice.
    places = re.split(r"\{(\d)\}", template)
    parts: list[str | Expr] = [arguments[int(part)] if at % 2 else part for at, part in enumerate(places)]
    return Expr(kind, tuple(parts))
