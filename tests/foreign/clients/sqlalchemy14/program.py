"""SQLAlchemy 1.4, which many tools still stand on: the whole Inspector by psycopg2 and pg8000."""

import os

import sqlalchemy as sa
from reflection import inspected, used
from steps import version

version(sa.__version__)
for driver in ("psycopg2", "pg8000"):
    engine = sa.create_engine(f"postgresql+{driver}:{os.environ['CLIENT_URL']}", pool_pre_ping=True)
    inspected(engine, driver)
    used(engine, driver)
    engine.dispose()
