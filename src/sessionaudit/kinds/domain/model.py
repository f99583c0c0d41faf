"""Domains."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, text
from sessionaudit.kinds.column.model import null, unless_null
from sessionaudit.kinds.common.naming import collation_name
from sessionaudit.kinds.common.stated_type import stated_type
from sessionaudit.sql.expression import tree
from sessionaudit.sql.fragment import SERIALS, Fragment, canonical_type
from sessionaudit.sql.text import canonical, enclosed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable


class DomainCheck(Compared, frozen=True, kw_only=True):
    """A check of a domain: its `expression` over VALUE, without the parentheses around it.

    Of an expected one, `name` is "" where the contract gives none, and any will do. Of a real one, `usual` tells that
    it has the name that PostgreSQL gives to one without, and `validated` that it holds for older values, too; `comment`
    is what is said of it.
    """

    aside: ClassVar = frozenset({"usual", "comment"})

    name: str
    expression: str
    validated: bool = True
    usual: bool = False
    comment: str = ""


class Domain(Compared, frozen=True, kw_only=True):
    """A domain; `bare` tells of an expected one that the contract says itself that there is no default.

    Of a real one, `whole_collation` is the collation with its schema.
    """

    aside: ClassVar = frozenset({"bare", "whole_collation"})

    type: str
    collation: str = ""
    default: str | None = None
    not_null: bool = False
    checks: tuple[DomainCheck, ...] = ()
    bare: bool = False
    whole_collation: str = ""


_STOPS = (("not", "null"), ("null",), ("check",), ("constraint",), ("collate",), ("default",))
_KNOWN = "“collate”, “default”, “not null”, “check” or “constraint”"


@lru_cache(maxsize=4096)
def parse(definition: str, schema: str) -> Domain:
    """Read what follows the name in CREATE DOMAIN. Raises FragmentError."""
    fragment = Fragment(definition)
    fragment.accept("as")
    wrong = fragment.error("a type that is not “serial”")
    type_ = stated_type(fragment, schema)
    if type_ in SERIALS:
        raise wrong
    found: dict[str, Any] = {"type": type_}
    checks: list[DomainCheck] = []
    while not fragment.done:
        named = fragment.accept("constraint")
        name = fragment.name("the name of a constraint") if named else ""
        if fragment.peek("check"):
            again = fragment.error("another name, for this one is taken")
            fragment.expect("check")
            if name and any(one.name == name for one in checks):
                raise again
            checks.append(DomainCheck(name=name, expression=fragment.parenthesised()))
        elif fragment.accept("not", "null"):
            found["not_null"] = True
        elif fragment.accept("null"):
            pass
        elif not named and fragment.accept("default"):
            found["default"] = None if null(fragment) else unless_null(fragment.until(*_STOPS))
            found["bare"] = found["default"] is None
        elif not named and fragment.accept("collate"):
            found["collation"] = collation_name(fragment)
        else:
            raise fragment.error("“check” or “not null”" if named else _KNOWN)
    return Domain(**found, checks=tuple(checks))


def read(node: Node, schema: str) -> Domain:
    """Read an entry of `domains:`."""
    return parse(text(node, "what follows the name in CREATE DOMAIN, such as: text check (value <> '')"), schema)


def load(row: tuple[Any, ...], schema: str) -> Domain:
    """Make a Domain of a row of the catalog query."""
    type_, collation, alone, default, not_null, names, expressions, validated, usual, comments = row
    whole = collation and collation_name(Fragment(collation))
    checks = zip(names, expressions, validated, usual, comments, strict=True)
    return Domain(
        type=canonical_type(type_, schema),
        collation=whole.removeprefix(f"{quoted(schema)}.") if alone else whole,
        whole_collation=whole,
        default=default if default is None else unless_null(default),
        not_null=not_null,
        checks=tuple(
            DomainCheck(name=name, expression=expression, validated=valid, usual=common, comment=comment)
            for name, expression, valid, common, comment in checks
        ),
    )


def expressions(checks: Iterable[str]) -> str | None:
    """Expressions as one, in an order that does not depend on how they are named; None where there are none."""
    found = sorted(map(enclosed, checks), key=canonical)
    return " and ".join(found) or None


def alike(one: str, other: str) -> bool:
    """Whether two expressions are the same by their words or their trees, as far as that can be told here."""
    if canonical(enclosed(one)) == canonical(enclosed(other)):
        return True
    known = tree(f"select {one}", "")
    return known is not None and known == tree(f"select {other}", "")


def nearly(one: str, other: str, *, casts: bool = False) -> bool:
    """Whether two expressions are the same but for casts of constants, or with `casts` for any."""
    known, found = tree(f"select {one}", ""), tree(f"select {other}", "")
    if known is None or found is None:
        return alike(one, other)
    return _bare(known, casts=casts) == _bare(found, casts=casts)


def _bare(node: Any, *, casts: bool) -> tuple[Any, ...]:
    """A tree, or a part of one, without casts."""
    parts: tuple[Any, ...] = node
    if parts and parts[0] == "cast" and (casts or parts[1][0] in {"number", "string"}):
        return _bare(parts[1], casts=casts)
    return tuple(_bare(part, casts=casts) if isinstance(part, tuple) else part for part in parts)


def show(domain: Domain) -> str:
    """The domain as the contract writes it, with the names of its checks."""
    return _shown(domain, [(one.name, one.expression) for one in domain.checks])


def spell(domain: Domain) -> str:
    """The same; it says of a domain without a default that it has none, so that a repair leaves none."""
    return _shown(domain, [(one.name, one.expression) for one in domain.checks], bare=domain.default is None)


def brief(domain: Domain) -> str:
    """The domain as a person would write it: without a name that PostgreSQL gives itself."""
    alone = len(domain.checks) == 1
    return _shown(domain, [("" if one.usual and alone else one.name, one.expression) for one in domain.checks])


def _shown(domain: Domain, checks: Iterable[tuple[str, str]], *, bare: bool = False) -> str:
    parts = [domain.type]
    if domain.collation:
        parts.append(f"collate {domain.collation}")
    if domain.default is not None:
        parts.append(f"default {domain.default}")
    elif bare:
        parts.append("default null")
    if domain.not_null:
        parts.append("not null")
    parts += [show_check(name, expression) for name, expression in checks]
    return " ".join(parts)


def show_check(name: str, expression: str) -> str:
    """A check in the words of CREATE DOMAIN."""
    named = f"constraint {quoted(name)} " if name else ""
    return f"{named}check {enclosed(expression)}"


def show_checks(domain: Domain) -> str | None:
    """All checks, without their names."""
    return " ".join(f"check {enclosed(one.expression)}" for one in domain.checks) or None


def show_names(domain: Domain) -> str | None:
    """The names of its checks."""
    return ", ".join(quoted(one.name) for one in domain.checks if one.name) or None


def unvalidated(domain: Domain) -> tuple[str, ...]:
    """The names of checks that were never held against older values."""
    return tuple(one.name for one in domain.checks if not one.validated)
