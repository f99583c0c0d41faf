"""Requests as code has them, written in Python: the JavaScript of each, and what a reader makes of that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from sessionaudit.audits.code.model import (
    Action,
    Choice,
    CodeClient,
    CodeRequest,
    Dynamic,
    Fate,
    Fields,
    Items,
    Known,
    Modifier,
    NamedValue,
    Span,
    Unknown,
)
from sessionaudit.audits.code.postgrest.wire import method_name

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import CodeValue


class Either:
    """One of several values."""

    def __init__(self, *values: object) -> None:
        self.values = values


class Dynamical:
    """A value that the code does not tell."""


class Partly:
    """A text of which some parts are known."""

    def __init__(self, *parts: object) -> None:
        self.parts = parts


class Spread:
    """An object with more fields than are known."""

    def __init__(self, **fields: object) -> None:
        self.fields = fields


class Maybe:
    """The value of a field that is set in some runs only."""

    def __init__(self, value: object) -> None:
        self.value = value


UNKNOWN = Dynamical()
FILE = "app/route.ts"


class Written:
    """A chain of calls, with its text."""

    def __init__(self, target: object, *, rpc: bool = False, schema: object = None, client: str = "supabase") -> None:
        self.text = client
        self._client = client
        self._schema: CodeValue | None = None
        if schema is not None:
            self.text += ".schema("
            self._schema = self._value(schema)
            self.text += ")"
        self.text += ".rpc(" if rpc else ".from("
        self._target = self._value(target)
        self._action: Action | None = Action.CALL if rpc else None
        self._columns: CodeValue | None = None
        self._returns = False
        self._payload: CodeValue | None = None
        self._options: Fields | None = None
        self._modifiers: list[Modifier] = []
        if not rpc:
            self.text += ")"

    def arguments(self, arguments: object = None, **options: object) -> Written:
        """End a call of a function: its arguments, and its options."""
        if arguments is not None or options:
            self.text += ", "
            self._payload = self._value({} if arguments is None else arguments)
        self._with(options)
        self.text += ")"
        return self

    def select(self, columns: object = None, **options: object) -> Written:
        self.text += ".select("
        if columns is not None or options:
            self._columns = self._value("*" if columns is None else columns)
        if self._action is None:
            self._action = Action.SELECT
            self._with(options)
        self._returns = True
        self.text += ")"
        return self

    def insert(self, payload: object, **options: object) -> Written:
        return self._write(Action.INSERT, payload, options)

    def upsert(self, payload: object, **options: object) -> Written:
        return self._write(Action.UPSERT, payload, options)

    def update(self, payload: object, **options: object) -> Written:
        return self._write(Action.UPDATE, payload, options)

    def delete(self, **options: object) -> Written:
        self._action = Action.DELETE
        self.text += ".delete("
        self._with(options, first=True)
        self.text += ")"
        return self

    def __getattr__(self, name: str) -> Call:
        return Call(self, name)

    def then(self, name: str, given: tuple[object, ...], options: dict[str, object], optional: bool = False) -> Written:
        """Call a method of the chain; some runs only do, if it is `optional`."""
        start = len(self.text)
        self.text += f".{method_name(name)}("
        arguments: list[CodeValue] = []
        for value in (*given, *([options] if options else [])):
            self.text += ", " if arguments else ""
            arguments.append(self._value(value))
        self.text += ")"
        at = self._span(start, len(self.text))
        self._modifiers.append(Modifier(method_name(name), tuple(arguments), at, optional))
        return self

    def request(self, fate: Fate = Fate.HANDLED) -> CodeRequest:
        assert self._action is not None
        return CodeRequest(
            at=self._span(0, len(self.text)),
            client=CodeClient(self._client),
            action=self._action,
            target=self._target,
            schema=self._schema,
            columns=self._columns,
            returns=self._returns,
            payload=self._payload,
            options=self._options,
            modifiers=tuple(self._modifiers),
            fate=fate,
        )

    def word(self, at: Span) -> str:
        """The part of the text at a place."""
        assert at.line == at.end_line == 1
        return self.text[at.column - 1 : at.end_column - 1]

    def _write(self, action: Action, payload: object, options: dict[str, object]) -> Written:
        self._action = action
        self.text += f".{action}("
        self._payload = self._value(payload)
        self._with(options)
        self.text += ")"
        return self

    def _with(self, options: dict[str, object], *, first: bool = False) -> None:
        if options:
            self.text += "" if first else ", "
            value = self._value(options)
            assert isinstance(value, Fields)
            self._options = value

    def _span(self, start: int, end: int) -> Span:
        return Span(FILE, 1, start + 1, 1, end + 1)

    def _value(self, value: object) -> CodeValue:
        start = len(self.text)
        if isinstance(value, Dynamical):
            self.text += "given"
            return Unknown(Dynamic.PARAMETER, self._span(start, len(self.text)))
        if isinstance(value, Partly):
            self.text += "`"
            parts = tuple(self._part(one) for one in value.parts)
            self.text += "`"
            return Unknown(Dynamic.EXPRESSION, self._span(start + 1, len(self.text) - 1), parts)
        if isinstance(value, Either):
            self.text += "("
            values: list[CodeValue] = []
            for one in value.values:
                self.text += " ?? " if values else ""
                values.append(self._value(one))
            self.text += ")"
            return Choice(tuple(values), self._span(start, len(self.text)))
        if isinstance(value, (list, tuple)):
            self.text += "["
            items: list[CodeValue] = []
            for one in value:
                self.text += ", " if items else ""
                items.append(self._value(one))
            self.text += "]"
            return Items(tuple(items), self._span(start, len(self.text)))
        if isinstance(value, (dict, Spread)):
            return self._fields(value.fields if isinstance(value, Spread) else value, isinstance(value, Spread))
        assert value is None or isinstance(value, (str, int, float, bool))
        self.text += json.dumps(value, ensure_ascii=False)
        if isinstance(value, str):
            exact = len(self.text) - start == len(value) + 2
            return Known(value, self._span(start + 1, len(self.text) - 1), exact)
        return Known(value, self._span(start, len(self.text)))

    def _part(self, value: object) -> Known | Unknown:
        start = len(self.text)
        self.text += value if isinstance(value, str) else "${given}"
        at = self._span(start, len(self.text))
        return Known(value, at, exact=True) if isinstance(value, str) else Unknown(Dynamic.PARAMETER, at)

    def _fields(self, value: dict[str, object], more: bool) -> Fields:
        start = len(self.text)
        self.text += "{"
        fields: list[NamedValue] = []
        for name, one in value.items():
            self.text += ", " if fields else ""
            at = len(self.text)
            self.text += json.dumps(name)
            place = self._span(at + 1, len(self.text) - 1)
            self.text += ": "
            optional = isinstance(one, Maybe)
            fields.append(NamedValue(name, self._value(one.value if isinstance(one, Maybe) else one), place, optional))
        if more:
            self.text += ", ...rest" if fields else "...rest"
        self.text += "}"
        why = Dynamic.SPREAD if more else None
        return Fields(tuple(fields), self._span(start, len(self.text)), more, why)


class Call:
    """A method of a chain that is called next; `sometimes`, in some runs only."""

    def __init__(self, chain: Written, name: str) -> None:
        self._chain, self._name = chain, name

    def __call__(self, *given: object, **options: object) -> Written:
        return self._chain.then(self._name, given, options)

    def sometimes(self, *given: object, **options: object) -> Written:
        return self._chain.then(self._name, given, options, optional=True)


def table(name: object, *, schema: object = None, client: str = "supabase") -> Written:
    return Written(name, schema=schema, client=client)


def rpc(name: object, arguments: object = None, *, schema: object = None, **options: object) -> Written:
    return Written(name, rpc=True, schema=schema).arguments(arguments, **options)


def listened(name: object, *, schema: object = None) -> CodeRequest:
    """A subscription to the changes of a table."""
    return msgspec.structs.replace(table(name, schema=schema).select().request(), action=Action.LISTEN, columns=None)
