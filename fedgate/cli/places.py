"""Options and checks that several commands share: where the catalog is and where to listen."""

from __future__ import annotations

import argparse
from pathlib import Path

from fedgate.config import DEFAULT_CATALOG, DEFAULT_LISTEN, parse_listen
from fedgate.errors import SqlError


def add_catalog_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--catalog", metavar="DIR", type=Path, help=f"the catalog's directory (default ./{DEFAULT_CATALOG})")


def add_config_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, help="a fedgate.toml: catalog, listen, limits, settings of sessions")


def add_listen_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--listen", metavar="HOST:PORT", type=_listen, help=f"where to listen (default {DEFAULT_LISTEN}; port 0: a free one)"
    )


def _listen(text: str) -> str:
    try:
        parse_listen(text, "--listen")
    except SqlError as error:
        raise argparse.ArgumentTypeError(f'"{text}" is not HOST:PORT, for example {DEFAULT_LISTEN}') from error
    return text


def existing(catalog: Path) -> Path:
    """The catalog's directory. Raises SqlError 58P01 that says what to do when there is none."""
    if not catalog.is_dir():
        what = "is not a directory" if catalog.exists() else "does not exist"
        raise SqlError(
            "58P01",
            f'catalog directory "{catalog}" {what}',
            hint="Name another with --catalog DIR, or make one for your documents; `fedgate demo` builds one to look at.",
        )
    return catalog
