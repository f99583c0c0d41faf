"""How to know from the catalogs that a function or procedure is there, and as it was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import array
from sessionaudit.kinds.function.body import same_body
from sessionaudit.kinds.function.defaults import listed as defaults_of
from sessionaudit.kinds.function.defaults import same as same_defaults
from sessionaudit.kinds.function.definition_text import NOTHING, linked, parsed
from sessionaudit.kinds.function.kind import same_returns
from sessionaudit.kinds.function.model import LISTS, Function
from sessionaudit.kinds.function.parameters import same
from sessionaudit.kinds.function.signature import arguments
from sessionaudit.kinds.function.transforms import applied
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath

_CODES = {"volatile": "v", "stable": "s", "immutable": "i", "unsafe": "u", "restricted": "r", "safe": "s"}
_QUALIFIER = re.compile(r'(?:\w+|"(?:[^"]|"")+")\.')


def found(path: ObjectPath) -> str:
    """The function as pg_proc `p`; before PostgreSQL 16, to_regprocedure fails where an argument's type is missing."""
    schema, name, types = map(literal, path)
    return (
        "(select p.* from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace"
        f" where n.nspname = {schema} and p.proname = {name} and p.prokind <> 'a'"
        " and '(' || pg_catalog.array_to_string(array(select pg_catalog.format_type(a.type, null)"
        " from pg_catalog.unnest(p.proargtypes) with ordinality a (type, position) order by a.position), ', ') || ')'"
        f" = {types}) p"
    )


def is_there(path: ObjectPath, condition: str = "true") -> str:
    """Whether there is such a function, and it fulfils a condition over pg_proc `p`."""
    return f"exists (select from {found(path)} where {condition})"


def as_written(path: ObjectPath, new: Function, old: Function | None, schema: str) -> str:
    """That it is as it was written: one statement writes all, so what can be compared tells of the rest."""
    parts = [
        f"p.prokind {'<>' if new.returns else '='} 'p'",
        f"p.prolang = (select l.oid from pg_catalog.pg_language l where l.lanname = {literal(new.language)})",
        f"p.provolatile = '{_CODES[new.volatility]}'",
        f"p.proparallel = '{_CODES[new.parallel]}'",
        f"{_not(new.strict)}p.proisstrict",
        f"{_not(new.security == 'definer')}p.prosecdef",
        f"{_not(new.leakproof)}p.proleakproof",
        "array(select pg_catalog.lower(pg_catalog.split_part(s.text, '=', 1))"
        " || pg_catalog.substr(s.text, pg_catalog.strpos(s.text, '=')) collate pg_catalog.\"C\""
        f" from pg_catalog.unnest(p.proconfig) s (text) order by 1) = {array(sorted(map(_stored, new.settings)))}",
        *_stored_body(new),
        *filter(None, (applied(new.others, schema),)),
        *(_returning(new, old, schema) if old else ()),
        *(_rewritten(new, old) if old else ()),
    ]
    return is_there(path, " and ".join(parts))


def taking(path: ObjectPath, listed: str, defaults: int | None) -> str:
    """That it takes arguments under the names and in the modes of a list, and that some may be left out.

    At least as many as there are `defaults`, or just those of the list if that is None.
    """
    found = arguments(listed, "")
    count = len(found)
    # What RETURNS TABLE gives back comes after them.
    stored = "(coalesce(p.{column}::text[], pg_catalog.array_fill({empty}::text, array[{count}])))[1:{count}] = {array}"
    parts = [
        f"p.pronargdefaults = {sum(bool(one.default) for one in found)}"
        if defaults is None
        else f"p.pronargdefaults >= {defaults}",
        "(select pg_catalog.count(*) from pg_catalog.unnest(coalesce(p.proargmodes::text[],"
        f" pg_catalog.array_fill('i'::text, array[p.pronargs::integer]))) as m (mode) where m.mode <> 't') = {count}",
    ]
    if found:
        modes, names = [_MODES[one.mode] for one in found], [one.name for one in found]
        parts.append(stored.format(column="proargmodes", empty="'i'", count=count, array=array(modes)))
        parts.append(stored.format(column="proargnames", empty="''", count=count, array=array(names)))
    return is_there(path, " and ".join(parts))


_MODES = {"": "i", "in": "i", "out": "o", "inout": "b", "variadic": "v"}


def _not(holds: bool) -> str:
    return "" if holds else "not "


def _stored(setting: str) -> str:
    """A setting as pg_proc keeps it."""
    name, _, value = setting.partition(" = ")
    if value == NOTHING:
        value = '""' if name in LISTS else ""
    return f"{name}={value}"


def _stored_body(function: Function) -> list[str]:
    if parsed(function):
        return ["p.prosrc = ''"]
    if function.language != "c":
        return [f"p.prosrc = {literal(function.body)}"]
    file, symbol = linked(function)
    return (
        [f"p.prosrc = {literal(symbol)}", f"p.probin = {literal(file)}"] if file else [f"p.probin = {literal(symbol)}"]
    )


def _rewritten(new: Function, old: Function) -> list[str]:
    """That a text that only the server can compare is not the one that was seen, where nothing else differs."""
    plain = (
        replace(
            one,
            body="",
            returns="",
            arguments="",
            owner=None,
            everybody=False,
            others=(),
            grants=None,
            passing=frozenset[str](),
        )
        for one in (new, old)
    )
    alike = len(set(plain)) == 1 and same_returns(new, old) and same(new, old)
    if not alike:
        return []
    changed: list[str] = []
    trees = parsed(new) and parsed(old)
    if trees and same_body(new, old) is None:
        changed.append(f"pg_catalog.btrim(pg_catalog.pg_get_function_sqlbody(p.oid), E' \\n') <> {literal(old.body)}")
    if same_defaults(new, old) is not True and (trees or new.body == old.body):
        printed = "coalesce(pg_catalog.pg_get_expr(p.proargdefaults, 0), '')"
        changed.append(f"{printed} <> {literal(defaults_of(old))}")
    return [f"({' or '.join(changed)})"] if changed else []


def _returning(new: Function, old: Function, schema: str) -> list[str]:
    """That it no longer returns what it did; types stand there with their schemas."""
    if not new.returns or same_returns(new, old) is not False:
        return []
    result = "pg_catalog.lower(pg_catalog.pg_get_function_result(p.oid))"
    bare, seen = (_QUALIFIER.sub("", one.returns.lower()) for one in (new, old))
    if bare != seen:
        return [f"pg_catalog.regexp_replace({result}, {literal(_QUALIFIER.pattern)}, '', 'g') = {literal(bare)}"]
    own = literal(f"{quoted(schema)}.".lower())
    return [f"pg_catalog.replace({result}, {own}, '') = {literal(new.returns.lower())}"]
