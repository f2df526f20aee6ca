"""Django: inspectdb, its introspection, unmanaged models in queries with server-side cursors."""

import io
import os

import django
from django.conf import settings
from steps import step, version

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "USER": os.environ["PGUSER"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
        }
    },
    USE_TZ=True,
)
django.setup()

from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402

version(django.get_version())


def inspected(*tables):
    out = io.StringIO()
    call_command("inspectdb", *tables, "--include-views", stdout=out)
    return out.getvalue()


class Device(models.Model):
    device = models.IntegerField(primary_key=True)
    model = models.CharField(max_length=20)
    installed = models.DateField(null=True)
    tags = ArrayField(models.TextField())
    more = models.JSONField()

    class Meta:
        managed = False
        db_table = "devices"
        app_label = "app"


class Hourly(models.Model):
    site = models.TextField(primary_key=True)
    hour = models.DateTimeField()
    n = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "hourly"
        app_label = "app"


step("inspectdb", inspected)
step("inspectdb of one", lambda: inspected("devices"))
with connection.cursor() as cursor:
    step("tables", lambda: sorted(map(repr, connection.introspection.get_table_list(cursor))))
    for table in ("readings", "devices", "kinds", "hourly"):
        step(
            f"description of {table}", lambda t=table: [repr(c) for c in connection.introspection.get_table_description(cursor, t)]
        )
        step(
            f"constraints of {table}",
            lambda t=table: sorted(map(repr, connection.introspection.get_constraints(cursor, t).items())),
        )
        step(f"relations of {table}", lambda t=table: connection.introspection.get_relations(cursor, t))
        step(f"sequences of {table}", lambda t=table: connection.introspection.get_sequences(cursor, t))
step("objects", lambda: [(d.device, d.model, d.installed, d.tags, d.more) for d in Device.objects.order_by("-device")[:3]])
step(
    "conditions",
    lambda: list(
        Device.objects.filter(model__icontains="model", installed__year__gte=2020, tags__contains=["x"], more__d__gt=3)
        .values_list("device", flat=True)
        .order_by("device")
    ),
)
step(
    "aggregates",
    lambda: list(Hourly.objects.values("site").annotate(total=models.Sum("n"), last=models.Max("hour")).order_by("site")),
)
step(
    "truncated times",
    lambda: list(
        Hourly.objects.annotate(day=models.functions.TruncDay("hour")).values("day").annotate(n=models.Sum("n")).order_by("day")[:5]
    ),
)
step("a server-side cursor", lambda: sum(1 for _ in Hourly.objects.all().iterator(chunk_size=50)))
step(
    "exists, count, in_bulk",
    lambda: [Device.objects.filter(device=3).exists(), Device.objects.count(), sorted(Device.objects.in_bulk([1, 2]))],
)


def atomic():
    with transaction.atomic():
        first = Device.objects.count()
        try:
            with transaction.atomic():
                Device.objects.raw("select nope from devices")[0]
        except django.db.Error as error:
            return first, type(error).__name__, Device.objects.count()


step("atomic", atomic)
step("a write", lambda: Device.objects.create(device=99, model="x", tags=[], more={}))
