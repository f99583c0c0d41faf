"""Bodies of functions: when two are the same, and how the server is asked where they are SQL and no string."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.kind import Form, Trial
from sessionaudit.core.query import Sort
from sessionaudit.sql.text import canonical, tokens

if TYPE_CHECKING:
    from sessionaudit.kinds.function.model import Function

STANDARD = re.compile(r"(?:return|begin\s+atomic)\b", re.IGNORECASE)


def same_body(expected: Function, actual: Function) -> bool | None:
    """Whether the bodies are the same words; None where the server keeps no text to compare."""
    if _words(expected) == _words(actual):
        return True
    parsed = all(STANDARD.match(function.body) for function in (expected, actual))
    return None if parsed and expected.language == actual.language == "sql" else False


def _words(function: Function) -> str:
    body = function.body.strip()
    if function.language not in {"sql", "plpgsql"}:
        return body
    try:
        return canonical(body)
    except ValueError:
        return body


def _statement(body: str) -> str:
    """The one query of a body that is SQL, or something that is no statement."""
    words = list(tokens(body))
    if words[0].text.lower() == "return":
        return f"select {body[words[0].end :]}"
    return body[words[1].end : words[-1].start].strip().removesuffix(";")


def _setup(function: Function, name: str, types: str) -> tuple[str]:
    """The statement that creates a function, or a procedure, with the same body."""
    noun, returns = ("function", f"returns {function.returns} ") if function.returns else ("procedure", "")
    arguments = function.arguments or types[1:-1]  # in which a comment may come last
    return (f"create {noun} {name}({arguments}\n) {returns}language sql {function.body}",)


def _complete(expected: Function, actual: Function) -> Function:
    """The expected one with the names of arguments, and what is returned, where the contract does not give them."""
    return replace(
        expected, arguments=expected.arguments or actual.arguments, returns=expected.returns or actual.returns
    )


def _named(printed: str) -> str | None:
    """The body as it is printed, unless an argument without a name stands in it as a name of nothing."""
    return None if '""' in re.sub(r"'(?:[^']|'')*'", "", printed) else printed


FORM = Form(
    text=lambda function: function.body if STANDARD.match(function.body) else None,
    wrap=_statement,
    trial=Trial(
        setup=_setup,
        read="""
    select pg_catalog.pg_get_function_sqlbody(p.oid)
      from pg_catalog.pg_proc p
     where p.pronamespace = pg_catalog.pg_my_temp_schema() and p.proname = %(name)s""",
        pick=_named,
        complete=_complete,
    ),
    sort=Sort.BODY,
)
