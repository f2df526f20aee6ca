"""fedgate: a fleet of small databases, queried as one PostgreSQL database."""

__version__ = "0.1.0.dev0"
