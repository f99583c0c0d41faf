"""An enum type exchanged for another of its name: what becomes of its columns, and of texts that name its values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Hazard, Obstacle, Risk
from sessionaudit.sql.text import literal, tokens, unliteral, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Dependent

_TEXTS = (["text"], ["character"], ["bpchar"], ["name"], ["citext"])
_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^{},\s][^{},]*)')


def converted(one: Dependent, chosen: Mapping[str, str]) -> str:
    """The text of a column's value; `chosen` says what becomes of values."""
    column = dotted(one.path[2:])
    return _of_array(column, chosen) if one.text.endswith("[]") else _of_value(column, chosen)


def _of_value(column: str, chosen: Mapping[str, str]) -> str:
    if not chosen:
        return f"{column}::text"
    cases = " ".join(f"when {literal(old)} then {literal(new)}" for old, new in chosen.items())
    return f"(case {column}::text {cases} else {column}::text end)"


def _of_array(column: str, chosen: Mapping[str, str]) -> str:
    value = f"{column}::text[]"
    for old, new in chosen.items():
        value = f"pg_catalog.array_replace({value}, {literal(old)}, {literal(new)})"
    return value


# Values in the server's texts, where each stands with its type: 'pending'::public.status


def naming(found: Iterable[Dependent], ref: ObjectRef, values: Iterable[str]) -> Iterator[tuple[Dependent, str]]:
    """The dependents whose texts name one of these values, with the value."""
    for one in found:
        named: list[str] = []

        def note(value: str, named: list[str] = named) -> str:
            named.append(value)
            return value

        for statement in one.put:
            _respelled(statement, ref, note)
        yield from ((one, value) for value in values if value in named)


def respelled(one: Dependent, ref: ObjectRef, chosen: Mapping[str, str]) -> Dependent:
    """The dependent with other values in its texts."""
    if not chosen:
        return one
    put = tuple(_respelled(statement, ref, lambda value: chosen.get(value, value)) for statement in one.put)
    return replace(one, put=put)


def naming_texts(found: Iterable[Dependent], values: Sequence[str]) -> Risk:
    """The risk that something names a value that goes where PostgreSQL does not know it for one.

    It stands in the text of a function, or as a text in what depends on a column: `status::text = 'gone'` is never
    true again.
    """
    texts = [
        (f"{one.sort} {one.name}", value)
        for one in found
        for value in values
        if any(_as_text(statement, value) for statement in one.put)
    ]
    listed = "".join(f" union all select null, {literal(name)}, {literal(value)}" for name, value in texts)
    names = ", ".join(f"({literal(value)}, {literal(_in_text(value))})" for value in values)
    return Risk(
        hazard=Hazard.DROP,
        found=Obstacle(
            rows=(
                "select null as key, 'function ' || p.oid::pg_catalog.regprocedure::text as place, v.value"
                " from pg_catalog.pg_proc p"
                " join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname not in ('c', 'internal')"
                f" join (values {names}) as v (value, pattern) on p.prosrc ~ v.pattern"
                " where p.pronamespace::pg_catalog.regnamespace::text not in ('pg_catalog', 'information_schema')"
                " and not exists (select from pg_catalog.pg_depend d"
                " where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e')"
                f"{listed}"
            ),
            what="a removed value is named in places that PostgreSQL does not change with the type",
            hint="Change those first.",
        ),
    )


def _as_text(statement: str, value: str) -> bool:
    """Whether a statement has a value as a text."""
    found = list(tokens(statement))
    for place, token in enumerate(found):
        if token.sort == "string" and unliteral(token.text) == value:
            after = [other.text for other in found[place + 1 : place + 3]]
            if after[:1] != ["::"] or after[1:] in _TEXTS:
                return True
    return False


def _in_text(value: str) -> str:
    """A regular expression of a value in quotes, or in the text of an array, in a function's source."""
    plain = "".join(letter if letter.isalnum() or letter == "_" else f"\\{letter}" for letter in value)
    spelled = plain.replace("\\'", "\\'\\'")
    return f"['\"]{spelled}['\"]|'\\{{([^'}}]*[,\"])?\\s*{spelled}\\s*([,\"][^'}}]*)?\\}}'"


def _respelled(statement: str, ref: ObjectRef, change: Callable[[str], str]) -> str:
    found = list(tokens(statement))
    result, position = "", 0
    for place, token in enumerate(found[:-4]):
        cast, schema, dot, name = found[place + 1 : place + 5]
        if token.sort != "string" or cast.text != "::" or dot.text != ".":
            continue
        if (unquote(schema.text), unquote(name.text)) != ref.path:
            continue
        many = len(found) > place + 5 and found[place + 5].text == "["
        value = unliteral(token.text)
        other = _ELEMENT.sub(lambda match: _changed(match, change), value) if many else change(value)
        if other != value:
            result += statement[position : token.start] + literal(other).strip()
            position = token.end
    return result + statement[position:]


def _changed(match: re.Match[str], change: Callable[[str], str]) -> str:
    """An element of an array's text with another value."""
    if match[1] is None:
        value = match[2].strip()
        if value.upper() == "NULL":
            return match[0]
    else:
        value = re.sub(r"\\(.)", r"\1", match[1])
    other = change(value)
    return match[0] if other == value else '"' + re.sub(r'(["\\])', r"\\\1", other) + '"'
