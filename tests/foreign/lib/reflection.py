"""SQLAlchemy's Inspector from one end to the other, a reflected table in use, and what engines do with connections: for 1.4 and 2."""

import sqlalchemy as sa
from steps import step

SCHEMAS = (None, "public", "plant", "fedgate")
OF_A_TABLE = ("columns", "pk_constraint", "foreign_keys", "indexes", "unique_constraints", "check_constraints", "table_comment")


def _shown(value):
    """Types by their DDL, sets sorted."""
    if isinstance(value, dict):
        return {str(k): _shown(v) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(_shown(v) for v in value)
    if isinstance(value, (list, tuple)):
        return [_shown(v) for v in value]
    return repr(value)


def inspected(engine, label):
    def see(name, ask):
        step(f"{label}: {name}", lambda: _shown(ask(sa.inspect(engine))))

    see("schemas", lambda i: i.get_schema_names())
    see("default schema", lambda i: i.default_schema_name)
    for schema in SCHEMAS:
        see(f"tables of {schema}", lambda i, s=schema: sorted(i.get_table_names(schema=s)))
        see(f"views of {schema}", lambda i, s=schema: sorted(i.get_view_names(schema=s)))
        see(f"sequences of {schema}", lambda i, s=schema: i.get_sequence_names(schema=s))
        see(f"enums of {schema}", lambda i, s=schema: i.get_enums(schema=s))
    for table, schema in (("readings", None), ("devices", "public"), ("kinds", None), ("hourly", None), ("Odd names", "plant")):
        for what in OF_A_TABLE:
            see(f"{what} of {table}", lambda i, t=table, s=schema, w=what: getattr(i, f"get_{w}")(t, schema=s))
    see("unknown table", lambda i: i.get_columns("nope"))
    see(
        "has_table", lambda i: [i.has_table(n) for n in ("readings", "hourly", "nope")] + [i.has_table("Odd names", schema="plant")]
    )
    see(
        "temporary tables",
        lambda i: [i.get_temp_table_names(), i.get_temp_view_names()] if hasattr(i, "get_temp_table_names") else None,
    )
    see("sorted tables", lambda i: sorted(repr(t) for t in i.get_sorted_table_and_fkc_names()))


def used(engine, label):
    def see(name, ask):
        def run():
            with engine.connect() as connection:
                return ask(connection)

        step(f"{label}: {name}", run)

    def everything(connection):
        metadata = sa.MetaData()
        metadata.reflect(connection, views=True)
        metadata.reflect(connection, schema="plant")
        return {
            name: [f"{c.name} {c.type!r} {c.nullable} {c.primary_key} {c.comment}" for c in t.columns]
            for name, t in sorted(metadata.tables.items())
        }

    def queried(connection):
        readings = sa.Table("readings", sa.MetaData(), autoload_with=connection)
        devices = sa.Table("devices", sa.MetaData(), autoload_with=connection)
        text = (
            sa.select(devices.c.model, sa.func.count(), sa.func.sum(readings.c.price))
            .select_from(readings.join(devices, readings.c.device == devices.c.device))
            .where(readings.c.site.in_(["north", "east"]), readings.c.ok.is_(True), readings.c.note.ilike("%o%"))
            .group_by(devices.c.model)
            .order_by(sa.desc(devices.c.model))
            .limit(5)
            .offset(1)
        )
        return [list(row) for row in connection.execute(text)]

    def streamed(connection):
        found = connection.execution_options(stream_results=True, max_row_buffer=100).execute(
            sa.text("select ts from readings order by ts")
        )
        return len(found.fetchmany(7)), sum(1 for _ in found)

    def nested(connection):
        seen = []
        with connection.begin_nested():
            seen.append(connection.execute(sa.text("select 1")).scalar())
        try:
            with connection.begin_nested():
                connection.execute(sa.text("select 1/0"))
        except sa.exc.DBAPIError as error:
            seen.append(type(error).__name__)
        return seen, connection.execute(sa.text("select 2")).scalar()

    def staged(connection):
        table = sa.Table(
            "staged",
            sa.MetaData(),
            sa.Column("device", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("about", sa.Text),
            prefixes=["TEMPORARY"],
        )
        table.create(connection)
        connection.execute(table.insert(), [{"device": 1, "about": "one"}, {"device": 2, "about": None}])
        return [list(r) for r in connection.execute(sa.select(table).order_by(table.c.device))]

    see("reflect everything", everything)
    see("a reflected table in a query", queried)
    see("every type", lambda c: [list(r) for r in c.execute(sa.text("select * from kinds where id < 32 order by id"))])
    see(
        "bound parameters",
        lambda c: [
            list(r)
            for r in c.execute(sa.text("select count(*) from readings where device = :d and note like :n"), {"d": 3, "n": "%o%"})
        ],
    )
    see("results in pieces", streamed)
    see("savepoints", nested)
    see("a temporary table", staged)
    see("server version", lambda c: engine.dialect.server_version_info[:1])
    for level in ("AUTOCOMMIT", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
        see(
            f"isolation {level}",
            lambda c, lv=level: [
                c.execution_options(isolation_level=lv).execute(sa.text("select 1")).scalar(),
                c.get_isolation_level(),
            ],
        )
    see("an error", lambda c: c.execute(sa.text("select nope from readings")).all())
