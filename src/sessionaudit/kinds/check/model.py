"""Check constraints."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, text
from sessionaudit.sql.fragment import Fragment, FragmentError, whole
from sessionaudit.sql.text import enclosed


class Check(Compared, frozen=True, kw_only=True):
    """A check constraint; its `expression` without the parentheses around it.

    Partitions and child tables have it too, so `slack` is empty; there it is `inherited`.
    """

    aside: ClassVar = frozenset({"inherited"})

    expression: str
    no_inherit: bool = False
    validated: bool = True
    enforced: bool = True
    slack: tuple[str, ...] = ()
    inherited: bool = False


_SIMPLE = re.compile(r"check \((.*)\)\Z", re.DOTALL | re.IGNORECASE)


@lru_cache(maxsize=16384)
def parse(definition: str) -> Check:
    """Read what follows ADD CONSTRAINT name. Raises FragmentError."""
    if (simple := _SIMPLE.match(definition)) and ";" not in definition:
        with suppress(FragmentError):
            return Check(expression=whole(simple[1]))
    fragment = Fragment(definition)
    fragment.expect("check")
    expression = fragment.parenthesised()
    no_inherit = fragment.accept("no", "inherit")
    enforced = not fragment.accept("not", "enforced")
    validated = enforced and not fragment.accept("not", "valid")
    fragment.end("“no inherit”, “not valid” or the end")
    return Check(expression=expression, no_inherit=no_inherit, validated=validated, enforced=enforced)


def read(node: Node, _schema: str) -> Check:
    """Read an entry of `constraints:` that is a check."""
    return parse(text(node, "a constraint"))


def load(row: tuple[Any, ...], _schema: str) -> Check:
    """Make a Check of a row of the catalog query."""
    expression, no_inherit, validated, enforced, inherited = row
    if expression is None:
        raise TypeError("the check no longer exists")
    return Check(
        expression=expression, no_inherit=no_inherit, validated=validated, enforced=enforced, inherited=inherited
    )


def show(check: Check) -> str:
    """The check as the contract writes it."""
    inherit = " no inherit" if check.no_inherit else ""
    state = "" if check.validated else " not valid" if check.enforced else " not enforced"
    return f"{show_expression(check)}{inherit}{state}"


def show_expression(check: Check) -> str:
    """The check without its options; an expression from the server stands in parentheses already."""
    return f"check {enclosed(check.expression)}"
