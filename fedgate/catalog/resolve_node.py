"""A node document → `model.Node`: the URL made absolute, secrets in it refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from fedgate.catalog.documents import FILE_ENGINES, Document, DocumentError, absolute
from fedgate.catalog.model import Node

_SCHEMES: Final = {
    "postgres": ("postgresql", "postgres"),
    "flightsql": ("grpc", "grpc+tls", "grpc+tcp"),
    "parquet": ("file", "s3"),
    "sqlite": ("file",),
    "duckdb": ("file",),
}


def resolve_node(document: Document) -> Node:
    """Raises DocumentError."""
    body = document.body
    for key, reference in body.get("credentials", {}).items():
        if ".." in reference.removeprefix("file:").split("/"):
            hint = "write the file's name, which is read below secrets_directory of fedgate.toml"
            raise DocumentError(f'field "credentials.{key}" leaves the secrets directory', ("credentials", key), hint)
    engine = body["engine"]
    if not document.by_operator:
        _check_foreign(body)
    return Node(
        name=body["name"],
        engine=engine,
        url=_url(document, engine, body["url"]),
        labels=dict(body.get("labels", {})),
        options=dict(body.get("options", {})),
        credentials=dict(body.get("credentials", {})),
        comment=body.get("comment"),
    )


def _check_foreign(body: Mapping[str, Any]) -> None:
    """What only an operator's document may say."""
    scheme, separator, _ = body["url"].partition("://")
    if body.get("credentials"):
        raise DocumentError("only an operator's document may name secrets", ("credentials",))
    if not separator or scheme == "file":
        raise DocumentError("only an operator's document may name files of this machine", ("url",))


def _url(document: Document, engine: str, url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator:
        if engine not in FILE_ENGINES:
            raise DocumentError(f'"{url}" is not a URL', ("url",), f"for example {_SCHEMES[engine][0]}://host:port/")
        return absolute(url, document.file)
    if scheme not in _SCHEMES[engine]:
        raise DocumentError(f'"{scheme}" is not a scheme of engine {engine}', ("url",), "one of " + ", ".join(_SCHEMES[engine]))
    if scheme == "file":
        return absolute(rest, document.file)
    try:
        parts = urlsplit(url)
        secret = parts.password is not None or any(k == "password" for k, _ in parse_qsl(parts.query))
    except ValueError as error:
        raise DocumentError(f"not a URL: {error}", ("url",)) from error
    if secret:
        raise DocumentError("a URL must not hold a password", ("url",), 'write credentials: {password: "env:FEDGATE_SECRET_…"}')
    return url
