"""Compile a request to the statement that PostgREST would run for it.

After PostgREST's `Plan.hs` and `QueryBuilder.hs`. What the schema cache decides, and not PostgreSQL, is a verdict here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.filtering import readable
from sessionaudit.audits.code.model import Action, Dynamic, Fields, Items, possible
from sessionaudit.audits.code.placed_sql import PlacedSql
from sessionaudit.audits.code.postgrest.embeds import (
    SEVERAL_FUNCTIONS,
    SEVERAL_RELATIONSHIPS,
    UnfitNameError,
    may_take,
    routine,
)
from sessionaudit.audits.code.postgrest.query import ParsedQuery, parsed
from sessionaudit.audits.code.postgrest.select import EmbedItem
from sessionaudit.audits.code.postgrest.wire_text import HOLE
from sessionaudit.audits.code.reading_tree import SOURCE, ReadTree, TreeMaker, read_sql
from sessionaudit.audits.code.routine_calls import call_sql
from sessionaudit.audits.code.verdict import CodeVerdict, NotJudged, meant
from sessionaudit.audits.code.writing import RowWrite, WrittenRow, rows_of, write_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.code.model import CodeRequest, Span
    from sessionaudit.audits.code.postgrest.query import PlacedOrder
    from sessionaudit.audits.code.postgrest.wire import WireRequest
    from sessionaudit.audits.code.schema_cache.model import CachedRelation, Routine, SchemaCache
    from sessionaudit.core.finding import Rule, Severity
    from sessionaudit.core.ref import ObjectRef

_NO_TABLE, _NO_COLUMN, _NO_SCHEMA = "PGRST205", "PGRST204", "PGRST106"
NOT_EMBEDDED, NOT_TO_ONE = "PGRST108", "PGRST118"


class Compiled(Struct, kw_only=True):
    """A request as a statement; and what is known without the server.

    `relation` is the table or view that it is about, `routine` the function that it calls. `sql` is None where nothing
    can be parsed. `rows` are those that it writes, `tree` what it reads.
    """

    wire: WireRequest
    verdicts: list[CodeVerdict] = field(default_factory=list[CodeVerdict])
    not_judged: list[NotJudged] = field(default_factory=list[NotJudged])
    query: ParsedQuery = field(default_factory=ParsedQuery)
    relation: CachedRelation | None = None
    routine: Routine | None = None
    tree: ReadTree | None = None
    rows: list[WrittenRow] = field(default_factory=list[WrittenRow])
    sql: PlacedSql | None = None
    named_at: Span | None = None

    @property
    def at(self) -> Span:
        """Where the relation or the function is named."""
        return self.named_at or self.request.at

    @property
    def request(self) -> CodeRequest:
        """The request of the code."""
        return self.wire.request

    def found(
        self,
        rule: Rule,
        at: Span,
        message: str,
        state: str = "",
        *,
        ref: ObjectRef | None = None,
        expected: str | None = None,
        actual: str | None = None,
        hint: str = "",
        stands_on: Iterable[ObjectRef] = (),
        certain: bool = True,
        severity: Severity | None = None,
    ) -> None:
        """Note a verdict."""
        self.verdicts.append(
            CodeVerdict(
                rule=rule,
                subject=self.request,
                at=at,
                message=message,
                state=state,
                ref=ref,
                expected=expected,
                actual=actual,
                hint=hint,
                stands_on=tuple(stands_on),
                certain=certain,
                severity=severity,
            )
        )

    def leave(self, at: Span, why: str) -> None:
        """Note that something was not judged."""
        self.not_judged.append(NotJudged(at, why))


class _Target(NamedTuple):
    schema: str
    name: str
    at: Span


def compiled(wire: WireRequest, cache: SchemaCache) -> Compiled:
    """Compile a request without choices."""
    result = Compiled(wire=wire)
    if wire.request.action is Action.LISTEN:
        _listen(result, cache)
        return result
    target = _target(result, cache)
    if target is None:
        return result
    result.named_at = target.at
    if wire.request.action is Action.CALL:
        _call(result, cache, target)
        return result
    relation = cache.relations.get(target[:2])
    if relation is None:
        _no_table(result, cache, target)
        return result
    result.relation = relation
    result.query = parsed(wire)
    _malformed(result)
    if wire.request.action is Action.SELECT:
        result.sql = PlacedSql()
        result.tree = _tree(result, cache, relation, result.sql, of_source=False)
        read_sql(result.sql, result.tree, result.query)
    else:
        _write(result, cache, relation)
    return result


def _listen(result: Compiled, cache: SchemaCache) -> None:
    """A subscription to changes is not PostgREST's: it may be of any schema, and of all tables."""
    wire = result.wire
    schema = wire.profile.text if wire.profile else "public"
    name = wire.path.text.removeprefix("/")
    if HOLE in schema + name or "*" in {schema, name} or not name or schema not in cache.schemas:
        result.leave(wire.request.at, "the table that is listened to is not known, or not of an exposed schema")
    elif (relation := cache.relations.get((schema, name))) is not None:
        result.relation, result.named_at = relation, wire.path.span(1)
    else:
        _no_table(result, cache, _Target(schema, name, wire.path.span(1) or wire.request.at))


def _target(result: Compiled, cache: SchemaCache) -> _Target | None:
    """The schema and the name that a request means; None where they are not known, or the schema is not exposed."""
    wire = result.wire
    schema, at = cache.schemas[0], wire.request.at
    if wire.profile is not None:
        at = wire.profile.span() or at
        if not wire.profile.known:
            result.leave(at, "the schema is not known")
            return None
        schema = wire.profile.text
        if schema not in cache.schemas:
            result.found(
                rules.UNKNOWN_TABLE,
                at,
                f"the schema {schema} is not exposed",
                _NO_SCHEMA,
                actual=schema,
                hint=meant(schema, cache.schemas) or f"Exposed are: {', '.join(cache.schemas)}.",
            )
            return None
    name = wire.path.text.rpartition("/")[2] if wire.path.text.count("/") < 3 else wire.path.text
    at = wire.path.span(len(wire.path.text) - len(name)) or wire.request.at
    if HOLE in wire.path.text:
        result.leave(at, f"the {'function' if wire.request.action is Action.CALL else 'table'} is not known")
        return None
    return _Target(schema, name, at)


def _no_table(result: Compiled, cache: SchemaCache, target: _Target) -> None:
    known = {name for schema, name in cache.relations if schema == target.schema}
    elsewhere = [schema for schema, name in cache.relations if name == target.name]
    hint = f"It is in the schema {elsewhere[0]}." if elsewhere else meant(target.name, known)
    message = f"there is no table or view {target.schema}.{target.name}"
    whole = cache.partitions.get(target[:2])
    if whole is not None:
        message = f"{target.schema}.{target.name} is a partition, which the API does not expose"
        hint = f"It exposes {'.'.join(whole)}, of which it is one."
    result.found(
        rules.UNKNOWN_TABLE,
        target.at,
        message,
        _NO_TABLE,
        actual=target.name,
        hint=hint,
    )


def _malformed(result: Compiled) -> None:
    for one in result.query.malformed:
        result.found(
            rules.MALFORMED_QUERY,
            one.at,
            f"PostgREST cannot read “{one.text}”: {one.error}",
            one.error.state,
            actual=one.text,
        )
    left = [*result.query.unread, *(one.at for one in result.query.filters if not readable(one.tree, whole=True))]
    left += [one.at for one in result.query.orders if not all(term.field.known for term in one.terms)]
    for at in left:
        result.leave(at, "a part of the query is not known")


def _call(result: Compiled, cache: SchemaCache, target: _Target) -> None:
    wire = result.wire
    path = target[:2]
    by_post = wire.method == "POST"
    named = frozenset(one.name for each in cache.routines.get(path, ()) for one in each.parameters)
    result.query = parsed(wire, named)
    payload = next(possible(wire.request.payload), None) if wire.request.payload is not None else None
    fields = payload.fields if isinstance(payload, Fields) else ()
    # What a type only permits, no call need have.
    declared = isinstance(payload, Fields) and payload.why is Dynamic.PARAMETER
    given = {one.name: one for one in fields if not (declared and one.optional)}
    sent = {} if by_post else {one.name.text: one for one in result.query.arguments}
    unknown = payload is not None and (not isinstance(payload, Fields) or payload.open)
    unknown = unknown or any(one.optional for one in given.values())
    function = _routine(result, cache, path, target.at, frozenset(given if by_post else sent), unknown=unknown)
    if function is None:
        return
    result.routine = function
    _malformed(result)
    sql = PlacedSql().add(f"with {SOURCE} as (")
    call_sql(sql, function, given if by_post else {}, sent)
    sql.add(") ")
    result.sql = sql
    result.relation = cache.relations.get(function.returns) if function.returns else None
    if result.relation is None or not function.composite:
        if result.query.filters or result.query.orders or wire.request.columns is not None:
            result.leave(wire.request.at, "what the function returns is not a row of a table")
        sql.add(f"select * from {SOURCE}")
        return
    result.tree = _tree(result, cache, result.relation, sql, of_source=True)
    read_sql(sql, result.tree, result.query)


def _routine(
    result: Compiled, cache: SchemaCache, path: tuple[str, str], at: Span, given: frozenset[str], *, unknown: bool
) -> Routine | None:
    named = cache.routines.get(path, ())
    if unknown and named:
        fit = [one for one in named if may_take(one, given)]
        if len(fit) == 1:
            result.leave(at, "not all arguments are known")
            return fit[0]
        if fit:
            result.leave(at, "not all arguments are known, and there are several functions of that name")
            return None
    try:
        return routine(cache, path, given, by_post=result.wire.method == "POST")
    except UnfitNameError as error:
        several = error.state == SEVERAL_FUNCTIONS
        result.found(
            rules.AMBIGUOUS_FUNCTION if several else rules.UNKNOWN_FUNCTION,
            at,
            str(error),
            error.state,
            ref=named[0].ref if named else None,
            actual=path[1],
            hint=error.hint,
        )
        return None


def _tree(
    result: Compiled, cache: SchemaCache, relation: CachedRelation, sql: PlacedSql, *, of_source: bool
) -> ReadTree:
    maker = TreeMaker(sql, cache, result.query)
    tree = maker.root(relation, of_source=of_source)
    for item in maker.unknown:
        start = item.start if isinstance(item, EmbedItem) else item.field.start
        result.leave(tree.text.span(start) or result.request.at, "a part of the select is not known")
    for one in maker.unfit:
        several = one.error.state == SEVERAL_RELATIONSHIPS
        item = one.item
        at = tree.text.span(item.hint_start, item.hint_start + len(item.hint)) if item.hint else None
        result.found(
            rules.AMBIGUOUS_RELATIONSHIP if several else rules.MISSING_RELATIONSHIP,
            at or tree.text.span(item.start, item.end) or result.request.at,
            str(one.error),
            one.error.state,
            ref=one.of.ref,
            actual=item.target,
            hint=one.error.hint,
            stands_on=(one.of.ref,),
        )
    _unembedded(result, tree)
    return tree


def _unembedded(result: Compiled, root: ReadTree) -> None:
    """Note filters, orders and limits of tables that are not embedded."""
    given = [(one.tables, one.names, one.at) for one in result.query.filters]
    given += [(one.tables, one.name, one.at) for one in result.query.orders]
    given += [(tables, one.name, one.at) for tables, one in result.query.limits.items()]
    for tables, text, at in given:
        tree: ReadTree | None = root
        for name in tables:
            if tree is None:
                break
            child = tree.child(name)
            if child is None and tree.whole and HOLE not in name:
                start = max(text.text.find(name), 0)
                result.found(
                    rules.MALFORMED_QUERY,
                    text.span(start, start + len(name)) or at,
                    f"“{name}” is not embedded by this request",
                    NOT_EMBEDDED,
                    actual=name,
                    hint=meant(name, [one.item.name for one in tree.children])
                    or "A filter or order of another table needs that table in the select.",
                )
            tree = child.tree if child else None
    for order in result.query.orders:
        _related_order(result, root, order)


def _related_order(result: Compiled, root: ReadTree, order: PlacedOrder) -> None:
    tree: ReadTree | None = root
    for name in order.tables:
        child = tree.child(name) if tree else None
        tree = child.tree if child else None
    for term in order.terms if tree else ():
        if not term.relation or HOLE in term.relation or tree is None or not tree.whole:
            continue
        child = tree.child(term.relation)
        at = order.text.span(term.field.start - len(term.relation) - 1, term.field.start - 1) or order.at
        if child is None:
            message = f"“{term.relation}” is not embedded by this request"
            result.found(rules.MALFORMED_QUERY, at, message, NOT_EMBEDDED, actual=term.relation)
        elif not child.way.to_one:
            message = f"rows cannot be ordered by “{term.relation}”, which may be several rows"
            result.found(rules.MALFORMED_QUERY, at, message, NOT_TO_ONE, actual=term.relation)


def _write(result: Compiled, cache: SchemaCache, relation: CachedRelation) -> None:
    request = result.request
    payload = next(possible(request.payload), None) if request.payload is not None else None
    if request.action is not Action.DELETE:
        if isinstance(payload, (Fields, Items)):
            result.rows = rows_of(payload)
        if isinstance(payload, Items) and len(payload.values) > len(result.rows):
            result.leave(payload.at, f"only its first {len(result.rows)} rows were looked at")
        if not result.rows or any(row.open for row in result.rows) or (isinstance(payload, Items) and payload.open):
            result.leave(payload.at if payload is not None else request.at, "not all that is written is known")
        _unknown_columns(result, relation)
    sql = PlacedSql()
    wanted = "return=representation" in result.wire.prefer
    sql.add(f"with {SOURCE} as (" if wanted else "")
    result.tree = _tree(result, cache, relation, sql, of_source=True)
    write = RowWrite(relation, request.action, result.rows, result.query, wanted)
    write_sql(sql, write, result.tree, missing_default="missing=default" in result.wire.prefer)
    if wanted:
        read_sql(sql.add(") "), result.tree, result.query, filtered=False)
    result.sql = sql


def _unknown_columns(result: Compiled, relation: CachedRelation) -> None:
    told: set[str] = set()
    for row in result.rows:
        for name, one in row.fields.items():
            if name in relation.columns or name in told:
                continue
            told.add(name)
            result.found(
                rules.UNKNOWN_COLUMN,
                one.at,
                f"{'.'.join(relation.path)} has no column “{name}”",
                _NO_COLUMN,
                ref=relation.column_ref(name),
                actual=name,
                hint=meant(name, relation.columns),
                stands_on=(relation.ref,),
                certain=not one.optional,
            )
