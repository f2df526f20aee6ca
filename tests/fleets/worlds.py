"""Random worlds: tables of random types with values at the ends of them, and a random fleet that holds their rows.

The same seed gives the same world. Times lie around the changes of the world's own time zone. Values that are equal read alike (no
-0, no 24:00:00 beside 1 day, no 1.50 beside 1.5): which of several spellings a group shows is open.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.fleets.build import ALL
from tests.fleets.layout import Engine, Layout, NodeSpec, PlacementSpec, Row, Stored

SPELLINGS = {
    "int2": "smallint", "int4": "integer", "int8": "bigint", "numeric": "numeric(12,4)", "float8": "double precision",
    "float4": "real", "text": "text", "bool": "boolean", "timestamptz": "timestamp with time zone", "date": "date",
    "timestamp": "timestamp without time zone", "time": "time without time zone", "interval": "interval", "uuid": "uuid",
    "bytea": "bytea", "varchar": "character varying(12)",
}  # fmt: skip
CHANGES = {
    "America/St_Johns": ("2024-03-10 05:30", "2024-11-03 04:30"),
    "Europe/Berlin": ("2024-03-31 01:00", "2024-10-27 01:00"),
    "Australia/Lord_Howe": ("2024-04-06 15:00", "2024-10-05 15:30"),
    "America/Sao_Paulo": ("2018-11-04 03:00", "2019-02-17 02:00"),
    "Asia/Kathmandu": ("1985-12-31 18:30", "1985-12-31 18:30"),
    "UTC": ("2024-02-29 00:00", "1970-01-01 00:00"),
}
"""Moments in UTC at which a zone's clocks change."""
WORDS = ("", "a", "A", "ab", "b", "é", "Zebra", "naïve Δt", "東京", "🙂", "it's", "100%", "a_b", "back\\slash", "NULL", "e\u0301")
COLUMN_NAMES = ("Größe", "select", 'a"b', "two words", "UPPER", "x.y", "c0", "t0", "ts", "日本", "a'b", "_shard_")
TABLE_NAMES = ("alpha", "Beta", "gamma delta", "größe")
ENGINES: tuple[Engine, ...] = ("sqlite", "sqlite", "duckdb", "parquet", "postgres")
KEY, KEY_VALUES = "k", 12
EXTREMES = {
    "int2": ("32767", "-32768"),
    "int4": ("2147483647", "-2147483648"),
    "int8": ("9223372036854775807", "-9223372036854775808", "9007199254740993"),
    "numeric": ("99999999.9999", "-99999999.9999", "0.0001"),
    "float8": ("1e12", "-1e12", "1e-300", "Infinity", "0.1"),
    "float4": ("1e12", "0.1", "-Infinity", "1e-30"),
    "date": ("0001-01-01", "9999-12-31", "1582-10-10"),
    "timestamp": ("1900-01-01 00:00", "2100-12-31 23:59:59.999999"),
    "timestamptz": ("1900-01-01 00:00", "2100-12-31 23:59:59.999999"),
    "time": ("00:00", "23:59:59.999999"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
}


@dataclass(frozen=True, slots=True)
class WorldTable:
    """`columns` are (name, type as the generator calls it); `rows` hold text that PostgreSQL reads."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | None, ...], ...]

    def sql(self) -> str:
        declared = ", ".join(f"{quoted(name)} {SPELLINGS[kind]}" for name, kind in self.columns)
        made = [f"create table {quoted(self.name)} ({declared});"]
        if self.rows:
            rows = ",\n".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in self.rows)
            made.append(f"insert into {quoted(self.name)} values\n{rows};")
        return "\n".join(made)


@dataclass(frozen=True, slots=True)
class RandomWorld:
    seed: int
    zone: str
    tables: tuple[WorldTable, ...]
    layout: Layout

    def sql(self) -> str:
        """What makes the tables in PostgreSQL."""
        return "\n".join(table.sql() for table in self.tables)


def random_world(seed: int) -> RandomWorld:
    """The world of that seed."""
    dice = random.Random(seed)
    zone = dice.choice(tuple(CHANGES))
    names = dice.sample(TABLE_NAMES, dice.randint(2, 3))
    tables = tuple(
        _table(dice, name, zone, dice.choice((0, 3, 9)) if at else dice.randint(40, 120)) for at, name in enumerate(names)
    )
    return RandomWorld(seed, zone, tables, _layout(dice, f"world{seed}", tables))


def smaller(world: RandomWorld) -> list[RandomWorld]:
    """Worlds with less in them: fewer rows of a table, then all shards on one node, or on two."""
    found = []
    for at, table in enumerate(world.tables):
        half = len(table.rows) // 2
        for rows in (table.rows[:half], table.rows[half:]) if half else ():
            tables = (*world.tables[:at], replace(table, rows=rows), *world.tables[at + 1 :])
            found.append(replace(world, tables=tables))
    if len(world.layout.nodes) > 1:
        engines = dict.fromkeys(node.engine for node in world.layout.nodes)
        found += [replace(world, layout=_plain_layout(world, (engine,))) for engine in engines]
        found += [replace(world, layout=_plain_layout(world, (engine, "duckdb"))) for engine in engines]
    return found


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str | None) -> str:
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


# ------------------------------------------------------------------------------------------------ rows


def _table(dice: random.Random, name: str, zone: str, rows: int) -> WorldTable:
    kinds = ["timestamptz", *dice.sample(tuple(SPELLINGS), dice.randint(3, 7))]
    names = dice.sample(COLUMN_NAMES, len(kinds))
    columns = ((KEY, "int4"), *zip(names, kinds, strict=True))
    makers = [_maker(dice, kind, zone) for _, kind in columns]
    return WorldTable(name, columns, tuple(tuple(make() for make in makers) for _ in range(rows)))


def _maker(dice: random.Random, kind: str, zone: str) -> Callable[[], str | None]:
    """Values of one column: of its own range, with NULLs and the ends of the type as often as its dice say."""
    nulls, extremes = dice.choice((0.0, 0.1, 0.1, 0.5, 1.0 if dice.random() < 0.1 else 0.2)), dice.choice((0.0, 0.0, 0.1))

    def value() -> str | None:
        if dice.random() < nulls:
            return None
        if kind in EXTREMES and dice.random() < extremes:
            return dice.choice(EXTREMES[kind])
        return _value(dice, kind, zone)

    return value


def _value(dice: random.Random, kind: str, zone: str) -> str:
    if kind in ("int2", "int4", "int8"):
        return str(dice.randint(-3, KEY_VALUES))
    if kind == "numeric":
        return f"{dice.randint(-50000, 50000) / 10000:.4f}"
    if kind in ("float8", "float4"):
        return str(dice.randint(-800, 800) / 8 + 0.0)
    if kind in ("text", "varchar"):
        return dice.choice(WORDS)
    if kind == "bool":
        return dice.choice(("true", "false"))
    if kind == "uuid":
        return f"{dice.randrange(16):x}0000000-0000-4000-8000-{dice.randrange(3):012x}"
    if kind == "bytea":
        return "\\x" + bytes(dice.choice((0, 39, 92, 97, 255)) for _ in range(dice.randint(0, 3))).hex()
    if kind == "interval":
        return f"{dice.randint(0, 20)} days {dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00.{dice.choice(('5', '000001'))}"
    if kind == "time":
        return f"{dice.randint(0, 23):02}:{dice.choice((0, 30)):02}:{dice.choice(('00', '59.999999'))}"
    return _moment(dice, kind, zone)


def _moment(dice: random.Random, kind: str, zone: str) -> str:
    base = dice.choice(CHANGES[zone])
    if kind == "date":
        return f"{base[:8]}{dice.randint(1, 28):02}"
    # Half an hour's steps around the change, to the microsecond.
    minutes, micros = dice.randint(-96, 96) * 30, dice.choice((0, 0, 1, 500_000, 999_999))
    day, minute = divmod(int(base[11:13]) * 60 + int(base[14:16]) + minutes, 1440)
    return (
        _shifted(base[:10], day) + f" {minute // 60:02}:{minute % 60:02}:00.{micros:06}" + ("+00" if kind == "timestamptz" else "")
    )


def _shifted(day: str, days: int) -> str:
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days)).isoformat()


# ------------------------------------------------------------------------------------------------ fleets


def _layout(dice: random.Random, name: str, tables: tuple[WorldTable, ...]) -> Layout:
    nodes = tuple(NodeSpec(f"n{i}", dice.choice(ENGINES)) for i in range(dice.randint(1, 6)))
    placements: list[PlacementSpec] = []
    cuts: dict[str, Callable[[int, Row], str]] = {}
    said: dict[str, dict[str, object]] = {}
    together = dice.random() < 0.35
    homes = _homes(dice, nodes, [f"k{i}" for i in range(dice.choice((2, 5)))])
    for at, table in enumerate(tables):
        if together and at < 2:
            cuts[table.name] = _by_key(len(homes))
            placements += _places(dice, table, homes, {})
            said[table.name] = {"shard_key": [KEY]} | ({"colocated_with": tables[0].name} if at else {})
        elif dice.random() < 0.25:
            placements += [
                PlacementSpec(table.name, node.name, ALL, _habit(dice, table, node.engine))
                for node in dice.sample(nodes, dice.randint(1, len(nodes)))
            ]
        else:
            cuts[table.name], checks = _cut(dice)
            placements += _places(dice, table, _homes(dice, nodes, list(checks)), checks)
    return Layout(name, nodes, tuple(placements), cuts, said)


def _homes(dice: random.Random, nodes: tuple[NodeSpec, ...], shards: list[str]) -> dict[str, list[NodeSpec]]:
    """Each shard on one node, some on two."""
    return {shard: dice.sample(nodes, min(len(nodes), dice.choice((1, 1, 1, 2)))) for shard in shards}


def _places(
    dice: random.Random, table: WorldTable, homes: dict[str, list[NodeSpec]], checks: dict[str, str | None]
) -> list[PlacementSpec]:
    """Where every node has one shard of a table, its relation is called alike everywhere, as in most fleets."""
    asked = [node.name for nodes in homes.values() for node in nodes]
    relation = table.name if len(set(asked)) == len(asked) else None
    return [
        PlacementSpec(table.name, node.name, shard, _habit(dice, table, node.engine), checks.get(shard), at + 1, relation)
        for shard, nodes in homes.items()
        for at, node in enumerate(nodes)
    ]


def _by_key(shards: int) -> Callable[[int, Row], str]:
    return lambda at, row: f"k{int(row[KEY] or at) % shards}"


def _cut(dice: random.Random) -> tuple[Callable[[int, Row], str], dict[str, str | None]]:
    """How rows are cut, and the shards with their checks; a shard may stay empty."""
    empty: dict[str, str | None] = {"empty": None} if dice.random() < 0.3 else {}
    how = dice.choice(("turns", "turns", "skewed", "range", "value"))
    if how == "skewed":
        return (lambda at, _: "many" if at % 10 else "few"), {"many": None, "few": None, **empty}
    if how == "range":
        border = dice.randint(0, KEY_VALUES)
        checks = {"low": f"{KEY} < {border}", "high": f"{KEY} >= {border}", "none": f"{KEY} is null"}
        return (lambda _, row: "none" if row[KEY] is None else "low" if int(row[KEY] or 0) < border else "high"), {
            **checks,
            **empty,
        }
    if how == "value":
        value = dice.randint(0, KEY_VALUES)
        checks = {"one": f"{KEY} = {value}", "rest": f"{KEY} is distinct from {value}"}
        return (lambda _, row: "one" if row[KEY] == str(value) else "rest"), {**checks, **empty}
    count = dice.choice((1, 2, 5, 20))
    return (lambda at, _: f"p{at % count}"), {**{f"p{i}": None for i in range(count)}, **empty}


def _habit(dice: random.Random, table: WorldTable, engine: Engine) -> dict[str, Stored]:
    habit: dict[str, Stored] = {}
    for at, (name, kind) in enumerate(table.columns):
        if kind == "interval" and engine == "parquet":
            habit[name] = Stored(expression=f"iv{at}::interval", input=(f"iv{at}", "text"), local="v")
        elif kind == "timestamptz" and engine == "sqlite" and dice.random() < 0.5:
            habit[name] = dice.choice((Stored(f"us{at}", encoding="unix_us"), Stored(f"iso{at}", encoding="iso8601")))
        elif kind == "timestamptz" and dice.random() < 0.3:
            habit[name] = Stored(f"local{at}", zone="Asia/Kolkata")
        elif name != KEY and all(row[at] is None for row in table.rows) and dice.random() < 0.5:  # a relation has a column
            habit[name] = Stored(absent=True)
        elif dice.random() < 0.3:
            habit[name] = Stored(f"Local {at}")
    return habit


def _plain_layout(world: RandomWorld, engines: tuple[Engine, ...]) -> Layout:
    """Every table in two shards on nodes of these engines, each column under its own name."""
    dice = _Never()
    nodes = tuple(NodeSpec(f"n{i}", engine) for i, engine in enumerate(engines))
    placements = tuple(
        PlacementSpec(table.name, nodes[i % len(nodes)].name, f"p{i}", _habit(dice, table, nodes[i % len(nodes)].engine))
        for table in world.tables
        for i in range(2)
    )
    return Layout(
        f"{world.layout.name}_small", nodes, placements, {table.name: lambda at, _: f"p{at % 2}" for table in world.tables}
    )


class _Never(random.Random):
    """Dice that take no chance."""

    def random(self) -> float:
        return 1.0
