"""Text -> PostgreSQL's raw parse trees, through libpg_query, behind the guards that it needs.

The C parser runs on the C stack, cuts text off at U+0000 and knows no SQLSTATE. So `parse` refuses what would hurt it (U+0000, lone
surrogates, over-long or over-deep text) before it sees the text, and turns every failure into a SqlError: 42601 and its
relatives, 22021 for characters, 54001 for length and depth. Positions are characters from 1; the nodes' own `location` fields are
bytes from 0 and become positions through `RawStatement.position`.

Depth is bounded from the tokens: a path from the root of the tree to a leaf passes, on each level of brackets, at most the tokens
of one comma-separated element (or arm of CASE), and enters at most one bracket there. The tokenizer does not recurse, so it can be
asked first.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import postgast
from google._upb._message import SetAllowOversizeProtos
from google.protobuf.message import DecodeError
from postgast import pg_query_pb2
from postgast.errors import PgQueryError

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.sql.shallow import is_shallow

_UNCHECKED_BYTES_MAX = 2_000

# The messages of scan.l, gram.y and parser.c whose SQLSTATE is not 42601.
_STATES: tuple[tuple[str, str], ...] = (
    (r"frame (start|end|starting)", "42P20"),
    (r"precision for type float must be", "22023"),
    (r"invalid byte sequence for encoding", "22021"),
    (r"unsafe use of \\' in a string literal", "22P06"),
    (r"invalid Unicode escape value", "42601"),
    (r".* (is|are) not (yet )?(implemented|supported)", "0A000"),
    (r".*current database cannot be changed", "0A000"),
    (r".* constraints cannot be marked ", "0A000"),
    (r"aggregates cannot have output arguments", "0A000"),
    (r"stack depth limit exceeded", "54001"),
)
_STATE_PATTERNS = tuple((re.compile(pattern), state) for pattern, state in _STATES)
# LIMIT 1,2 is a syntax error in spite of its words.
_SYNTAX_IN_SPITE = re.compile(r"LIMIT #,# syntax is not supported")
_INNER = re.compile(rb"[\x80-\xbf]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What may hold the letters of a start of comment, and that start itself. A word comes whole: a $ in it quotes nothing.
_TOKEN = re.compile(
    r"[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)|'[^']*(?:'|\Z)|\"[^\"]*(?:\"|\Z)|--[^\n\r]*"
    r"|(\$(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$).*?(?:\1|\Z)|[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*|/\*",
    re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
# CASE … END is a bracket whose arms are its elements. CASE may be a name too, which no END closes; an END without CASE is a name.
# An arm counts as many tokens as there are at least from CASE to what follows its word.
_CASE, _END, _WHEN, _THEN, _ELSE = (postgast.scan(word).tokens[0].token for word in ("case", "end", "when", "then", "else"))
_ARMS = {_WHEN: 1, _THEN: 3, _ELSE: 3}
_CLOSES = {ord("("): ord(")"), ord("["): ord("]"), _CASE: _END}
_CLOSE = (ord(")"), ord("]"))
_SEPARATORS = (ord(","), ord(";"))

# protobuf refuses messages nested deeper than 100 (47 chained operators); there is no public way to raise that limit.
SetAllowOversizeProtos(True)


@dataclass(frozen=True, slots=True)
class RawStatement:
    """One statement of a text, unbound.

    `text` is the whole text that it came in, `start` and `end` its characters in it. `kind` names the node: "select", "insert",
    "variable_set", "transaction", … (libpg_query's field name without `_stmt`); `node` is that protobuf message.
    """

    text: str
    start: int
    end: int
    kind: str
    node: Any = field(compare=False)
    # Where the bytes of the text's UTF-8 stand that begin no character, in order.
    _inner: tuple[int, ...] = field(default=(), compare=False, repr=False)

    @property
    def source(self) -> str:
        """The statement's own text."""
        return self.text[self.start : self.end]

    def position(self, location: int) -> int | None:
        """The 1-based character position of a node's `location`; None for -1 (the node has none)."""
        if location < 0:
            return None
        return _character(self._inner, location) + 1

    def inner(self, node: Any) -> RawStatement:
        """The statement that a node holds which stands in this one; positions stay those of the whole text."""
        name = node.WhichOneof("node")
        return self.instead(name.removesuffix("_stmt"), getattr(node, name))

    def instead(self, kind: str, node: Any) -> RawStatement:
        """Another statement at the place of this one: a part of it, or one that was made of its parts."""
        return RawStatement(self.text, self.start, self.end, kind, node, self._inner)


def parse(text: str) -> tuple[RawStatement, ...]:
    """The statements of `text`; () for nothing but comments and semicolons.

    Raises SqlError 42601 and its relatives (with position), 22021, 54001.
    """
    encoded = _checked(text)
    try:
        result = postgast.parse(text)
    except PgQueryError as exc:
        raise _syntax_error(text, exc) from None
    except (DecodeError, RecursionError):
        raise _too_deep() from None
    inner = () if len(encoded) == len(text) else tuple(found.start() for found in _INNER.finditer(encoded))
    return tuple(_statement(text, encoded, inner, raw) for raw in result.stmts)


def _character(inner: tuple[int, ...], location: int) -> int:
    """The character that byte `location` begins, from 0; a long list asks this of every element."""
    return location - bisect_left(inner, location) if inner else location


def cast_select(raw: RawStatement, casts: Sequence[tuple[Any, Any]]) -> RawStatement:
    """`SELECT expression::type, …`. An expression is a node of `raw` or None for NULL, a type a TypeName node or a pg_type name."""
    select = pg_query_pb2.SelectStmt(limit_option="LIMIT_OPTION_DEFAULT", op="SETOP_NONE")
    for expression, type_ in casts:
        target = select.target_list.add().res_target
        target.location = -1
        cast = target.val.type_cast
        cast.location = -1
        if expression is None:
            cast.arg.a_const.isnull = True
            cast.arg.a_const.location = -1
        else:
            cast.arg.CopyFrom(expression)
        if isinstance(type_, str):
            cast.type_name.typemod = cast.type_name.location = -1
            for part in ("pg_catalog", type_):
                cast.type_name.names.add().string.sval = part
        else:
            cast.type_name.CopyFrom(type_)
    return raw.instead("select", select)


def from_item(relation: Any) -> Any:
    """A RangeVar as an item of FROM."""
    return pg_query_pb2.Node(range_var=relation)


def default_insert(raw: RawStatement) -> RawStatement:
    """`INSERT … DEFAULT VALUES` of a table that is known otherwise."""
    return raw.instead("insert", pg_query_pb2.InsertStmt(override="OVERRIDING_NOT_SET"))


def returning_select(raw: RawStatement, relation: Any, targets: Sequence[Any]) -> RawStatement:
    """`SELECT targets FROM relation`, which is a RangeVar of `raw`."""
    select = pg_query_pb2.SelectStmt(limit_option="LIMIT_OPTION_DEFAULT", op="SETOP_NONE")
    select.target_list.extend(targets)
    select.from_clause.add().range_var.CopyFrom(relation)
    return raw.instead("select", select)


def columns_select(raw: RawStatement, relation: Any, names: Sequence[str]) -> RawStatement:
    """`SELECT names FROM relation`, which is a RangeVar of `raw`."""
    select = pg_query_pb2.SelectStmt(limit_option="LIMIT_OPTION_DEFAULT", op="SETOP_NONE")
    for name in names:
        target = select.target_list.add().res_target
        target.location = target.val.column_ref.location = -1
        target.val.column_ref.fields.add().string.sval = name
    select.from_clause.add().range_var.CopyFrom(relation)
    return raw.instead("select", select)


def _statement(text: str, encoded: bytes, inner: tuple[int, ...], raw: Any) -> RawStatement:
    start = raw.stmt_location
    end = start + raw.stmt_len if raw.stmt_len else len(encoded)
    start, end = _character(inner, start), _character(inner, end)
    name = raw.stmt.WhichOneof("node")
    return RawStatement(text, start, end, name.removesuffix("_stmt"), getattr(raw.stmt, name), inner)


def _checked(text: str) -> bytes:
    # psql, JDBC and PostgreSQL itself end a text at U+0000; cutting a statement off in silence would run another one.
    if "\0" in text:
        raise SqlError("22021", 'invalid byte sequence for encoding "UTF8": 0x00', position=text.index("\0") + 1)
    if len(text) > limits.STATEMENT_BYTES_MAX:
        raise _too_long()
    surrogate = _SURROGATE.search(text)
    if surrogate:
        message = f"the text holds a lone surrogate (U+{ord(surrogate[0]):04X}), which UTF-8 cannot encode"
        raise SqlError("22021", message, position=surrogate.start() + 1)
    encoded = text.encode()
    if len(encoded) > limits.STATEMENT_BYTES_MAX:
        raise _too_long()
    if text.count("/*") > limits.COMMENT_DEPTH_MAX and _comments_too_deep(text):
        raise SqlError("54001", "comments are nested too deeply", hint=f"At most {limits.COMMENT_DEPTH_MAX} levels are read.")
    if len(encoded) > _UNCHECKED_BYTES_MAX and not is_shallow(encoded) and _depth(text) > limits.STATEMENT_DEPTH_MAX:
        raise _too_deep()
    return encoded


def _comments_too_deep(text: str) -> bool:
    """Whether a comment holds more levels than are read: the tokenizer's time grows with their square."""
    position = 0
    while (token := _TOKEN.search(text, position)) is not None:
        position = token.end()
        if token[0] != "/*":
            continue
        depth = 1
        for edge in _COMMENT_EDGE.finditer(text, position):
            depth += 1 if edge[0] == "/*" else -1
            if depth > limits.COMMENT_DEPTH_MAX:
                return True
            if depth == 0:
                position = edge.end()
                break
        else:
            return False
    return False


def _depth(text: str) -> int:
    """An upper bound of the depth of the statement's tree (module docstring)."""
    try:
        tokens = postgast.scan(text).tokens
    except PgQueryError as exc:
        raise _syntax_error(text, exc) from None
    # Of each open bracket: its token, and around it tokens of the current element, deepest bracket in it, deepest element so far.
    own, inner, deepest = 0, 0, 0
    stack: list[tuple[int, int, int, int]] = []
    for token in tokens:
        kind = token.token
        top = stack[-1][0] if stack else 0
        if kind in _CLOSES:
            stack.append((kind, own, inner, deepest))
            if len(stack) > limits.STATEMENT_DEPTH_MAX:
                return len(stack)
            own, inner, deepest = 0, 0, 0
        elif kind in _CLOSE or (kind == _END and top == _CASE):
            while stack:
                depth = max(deepest, own + inner) + 1
                top, own, inner, deepest = stack.pop()
                inner = max(inner, depth)
                if _CLOSES[top] == kind:
                    break
        elif kind in _SEPARATORS or (kind in _ARMS and top == _CASE):
            deepest = max(deepest, own + inner)
            own, inner = _ARMS.get(kind, 0), 0
        else:
            own += 1
    depth = max(deepest, own + inner)
    for _, outer_own, outer_inner, outer_deepest in reversed(stack):
        depth = max(outer_deepest, outer_own + max(outer_inner, depth))
    return depth


def _syntax_error(text: str, exc: PgQueryError) -> SqlError:
    state = "42601"
    if not _SYNTAX_IN_SPITE.match(exc.message):
        state = next((s for pattern, s in _STATE_PATTERNS if pattern.match(exc.message)), state)
    if exc.message == "invalid Unicode escape" and text[: text.rfind("'", 0, exc.cursorpos)].endswith(("e", "E")):
        state = "22025"  # in E'…'; in U&'…' it is a syntax error
    hint = "Use separate LIMIT and OFFSET clauses." if _SYNTAX_IN_SPITE.match(exc.message) else None
    return SqlError(state, exc.message, hint=hint, position=exc.cursorpos or None)


def _too_long() -> SqlError:
    return SqlError("54001", f"the statement is longer than {limits.STATEMENT_BYTES_MAX} bytes", hint="Send it in parts.")


def _too_deep() -> SqlError:
    return SqlError(
        "54001", "the statement is nested too deeply", hint="Split it, or use IN or VALUES lists instead of long chains."
    )
