"""Turn a request of which some values are one of several into the requests that it may be."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.code.model import Choice, Fields, Items, Modifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.code.model import CodeRequest, CodeValue, Span

# A choice is known by its place: one that is used twice has one value.
Chosen = dict["Span", int]
MOST = 24


def variants(request: CodeRequest) -> tuple[CodeRequest, ...]:
    """Return what a request may be, without choices: each combination, or, if they are many, each choice once.

    There are no more than `MOST` of them, and each value of each choice is in one as long as that allows it.
    """
    sizes: dict[Span, int] = {}
    for value in _values(request):
        _collect(value, sizes)
    if not sizes:
        return (request,)
    total = 1
    for size in sizes.values():
        total *= size
    if total <= MOST:
        every = (dict(zip(sizes, chosen, strict=True)) for chosen in product(*(range(size) for size in sizes.values())))
        return tuple(_resolved(request, chosen) for chosen in every)
    return tuple(_resolved(request, chosen) for chosen in islice(_one_by_one(sizes), MOST))


def _one_by_one(sizes: dict[Span, int]) -> Iterator[Chosen]:
    for number in range(max(sizes.values())):
        yield {at: min(number, size - 1) for at, size in sizes.items()}


def _values(request: CodeRequest) -> Iterator[CodeValue]:
    given = (request.target, request.schema, request.columns, request.payload, request.options)
    yield from (value for value in given if value is not None)
    for modifier in request.modifiers:
        yield from modifier.arguments


def _collect(value: CodeValue, sizes: dict[Span, int]) -> None:
    if isinstance(value, Choice):
        if value.values:
            sizes[value.at] = max(len(value.values), sizes.get(value.at, 1))
        for one in value.values:
            _collect(one, sizes)
    elif isinstance(value, Items):
        for one in value.values:
            _collect(one, sizes)
    elif isinstance(value, Fields):
        for field in value.fields:
            _collect(field.value, sizes)


def _resolved(request: CodeRequest, chosen: Chosen) -> CodeRequest:
    return replace(
        request,
        target=_value(request.target, chosen),
        schema=_value(request.schema, chosen) if request.schema is not None else None,
        columns=_value(request.columns, chosen) if request.columns is not None else None,
        payload=_value(request.payload, chosen) if request.payload is not None else None,
        options=_fields(request.options, chosen) if request.options is not None else None,
        modifiers=tuple(_modifier(one, chosen) for one in request.modifiers),
    )


def _modifier(modifier: Modifier, chosen: Chosen) -> Modifier:
    return replace(modifier, arguments=tuple(_value(one, chosen) for one in modifier.arguments))


def _value(value: CodeValue, chosen: Chosen) -> CodeValue:
    if isinstance(value, Choice):
        if not value.values:
            return value
        return _value(value.values[min(chosen.get(value.at, 0), len(value.values) - 1)], chosen)
    if isinstance(value, Items):
        return replace(value, values=tuple(_value(one, chosen) for one in value.values))
    if isinstance(value, Fields):
        return _fields(value, chosen)
    return value


def _fields(value: Fields, chosen: Chosen) -> Fields:
    return replace(value, fields=tuple(one._replace(value=_value(one.value, chosen)) for one in value.fields))
