"""Put values together: choices, fields and items of them, objects over objects, and texts of several parts."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import (
    Choice,
    CodeValue,
    Dynamic,
    Fields,
    Items,
    Known,
    NamedValue,
    Span,
    Unknown,
    possible,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_CHOICES = 40
# What JSON leaves out of an object; a filter sends the word.
UNDEFINED = Known("undefined", Span("", 0, 0, 0, 0))


def is_undefined(value: CodeValue) -> bool:
    """Tell whether a value is `undefined`."""
    return isinstance(value, Known) and value.value == "undefined" and value.at.line == 0


def well_formed(text: str) -> str:
    """Return a text with pairs of surrogates put together; one without its other half becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def present(value: CodeValue, at: Span) -> CodeValue:
    """Return what of a value is neither null nor undefined."""
    left = [one for one in possible(value) if not (is_undefined(one) or (isinstance(one, Known) and one.value is None))]
    return choice(left, at) if left else Unknown(Dynamic.EXPRESSION, at)


def choice(values: Iterable[CodeValue], at: Span) -> CodeValue:
    """Return one of several values, each once."""
    found: list[CodeValue] = []
    seen: set[object] = set()
    for value in values:
        for one in possible(value):
            key: object = id(one)
            if isinstance(one, Known):
                key = (type(one.value), one.value)
            elif isinstance(one, Unknown) and not one.parts:
                key = one.why
            if key not in seen:
                seen.add(key)
                found.append(one)
    if len(found) > MOST_CHOICES:
        return Unknown(Dynamic.EXPRESSION, at)
    return found[0] if len(found) == 1 else Choice(tuple(found), at)


def field_of(value: CodeValue, key: str | int, at: Span) -> CodeValue:
    """Return a field of an object, or an item of a list."""
    found: list[CodeValue] = []
    for one in possible(value):
        if isinstance(one, Fields):
            own = next((each for each in one.fields if each.name == str(key)), None)
            if own is not None:
                found.append(own.value)
                if own.optional:
                    found.append(Unknown(one.why, at) if one.open and one.why else UNDEFINED)
            else:
                found.append(Unknown(one.why or Dynamic.SPREAD, at) if one.open else UNDEFINED)
        elif isinstance(one, Items):
            known = isinstance(key, int) and key < len(one.values) and not one.open
            found.append(one.values[key] if known and isinstance(key, int) else Unknown(Dynamic.EXPRESSION, at))
        else:
            found.append(Unknown(one.why, at) if isinstance(one, Unknown) else Unknown(Dynamic.EXPRESSION, at))
    if not all(map(is_undefined, found)):  # where some of the objects have it, a condition sees to the others
        found = [one for one in found if not is_undefined(one) or isinstance(value, Fields)]
    return choice(found, at)


def rest_of(value: CodeValue, without: frozenset[str] | None, at: Span) -> CodeValue:
    """Return an object without some fields; None if it is not known which."""
    found: list[CodeValue] = []
    for one in possible(value):
        if isinstance(one, Fields):
            kept = tuple(each for each in one.fields if each.name not in (without or ()))
            opened = one.open or without is None
            found.append(Fields(kept, at, open=opened, why=one.why or (Dynamic.SPREAD if opened else None)))
        else:
            found.append(Unknown(one.why if isinstance(one, Unknown) else Dynamic.SPREAD, at))
    return choice(found, at)


def each_of(value: CodeValue, at: Span) -> CodeValue:
    """Return what a variable may be that runs through a list."""
    found: list[CodeValue] = []
    for one in possible(value):
        if isinstance(one, Items):
            found += [*one.values, *([Unknown(Dynamic.SPREAD, at)] if one.open or not one.values else [])]
        else:
            found.append(Unknown(one.why if isinstance(one, Unknown) else Dynamic.EXPRESSION, at))
    return choice(found, at)


def laid_over(below: Sequence[NamedValue], above: Iterable[NamedValue]) -> list[NamedValue]:
    """Return the fields of an object to which others are added. One of some runs only may keep its value."""
    found = {one.name: one for one in below}
    for one in above:
        before = found.get(one.name)
        both = one.optional and before is not None
        found[one.name] = _either(before, one) if both and before is not None else one
    return list(found.values())


def _either(before: NamedValue, one: NamedValue) -> NamedValue:
    return NamedValue(one.name, choice((before.value, one.value), one.at), one.at, before.optional)


def spread(value: CodeValue, at: Span) -> tuple[list[NamedValue], Dynamic | None]:
    """Return the fields that a spread adds to an object, and why there may be more of them."""
    arms: list[Fields] = []
    nothing, why = False, None
    for one in possible(value):
        if isinstance(one, Fields):
            arms.append(one)
            why = one.why or Dynamic.SPREAD if one.open else why
        elif isinstance(one, Unknown):
            why = Dynamic.SPREAD
        else:
            nothing = True  # `...false`, `...null`: no field
    found: dict[str, list[NamedValue]] = {}
    for arm in arms:
        for each in arm.fields:
            found.setdefault(each.name, []).append(each)
    fields = [
        NamedValue(
            name,
            choice([one.value for one in same], at),
            same[0].at,
            nothing
            or (why is not None and len(arms) == 0)
            or len(same) < len(arms)
            or any(one.optional for one in same),
        )
        for name, same in found.items()
    ]
    return fields, why


def field(name: str, value: CodeValue, at: Span) -> NamedValue | None:
    """Return a field; None if it is undefined, as JSON has no such field. One that may be undefined is optional."""
    kept = [one for one in possible(value) if not is_undefined(one)]
    if not kept:
        return None
    whole = isinstance(value, Choice) and len(kept) < len(value.values)
    return NamedValue(name, choice(kept, at) if whole else value, at, whole)


def joined(parts: Sequence[CodeValue], at: Span) -> CodeValue:
    """Return the text of several parts, of which some may be choices, or not known."""
    options = [tuple(possible(part)) for part in parts]
    size = 1
    for option in options:
        size *= len(option)
    if size > MOST_CHOICES:
        options = [option if len(option) == 1 else (Unknown(Dynamic.EXPRESSION, at),) for option in options]
    return choice([_whole(each, at) for each in product(*options)], at)


def lengthened(text: CodeValue, more: CodeValue, at: Span) -> CodeValue:
    """Return a text to which another one is added; not known, if it may be something else than a text."""
    texts = all(
        (isinstance(one, Known) and isinstance(one.value, str)) or (isinstance(one, Unknown) and one.parts)
        for one in possible(text)
    )
    return joined([text, more], at) if texts else Unknown(Dynamic.REASSIGNED, at)


def _whole(parts: Sequence[Known | Unknown | Items | Fields], at: Span) -> CodeValue:
    flat: list[Known | Unknown] = []
    for part in parts:
        if isinstance(part, Unknown) and part.parts:
            flat += part.parts
        elif isinstance(part, Known | Unknown):
            flat.append(part)
        elif isinstance(part, Items) and not part.open and all(isinstance(one, Known) for one in part.values):
            flat.append(Known(",".join(text_of(one) for one in part.values if isinstance(one, Known)), part.at))
        else:
            flat.append(Unknown(Dynamic.EXPRESSION, part.at))
    if all(isinstance(part, Known) for part in flat):
        if len(flat) == 1 and isinstance(flat[0].value if isinstance(flat[0], Known) else None, str):
            return flat[0]
        return Known("".join(text_of(part) for part in flat if isinstance(part, Known)), at)
    return Unknown(Dynamic.EXPRESSION, at, tuple(flat))


def text_of(value: Known) -> str:
    """Return a value as JavaScript makes a text of it."""
    if value.value is None:
        return "null"
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    if isinstance(value.value, float) and value.value.is_integer():
        return str(int(value.value))
    return str(value.value)


def truthy(value: Known) -> bool:
    """Tell whether a condition takes a value for true."""
    return bool(value.value) and not is_undefined(value)
