"""What a kind of schema object declares about itself, so that the kernel names no kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from sessionaudit.core.query import Sort
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sessionaudit.core.finding import Rule, Severity
    from sessionaudit.core.node import Node, Scalar

M = TypeVar("M")
ObjectPath = tuple[str, ...]


class Entry(NamedTuple):
    """One object that a section of the contract names: its path, the key that names it, what it says.

    `repair` names the file that mends the rows in the object's way.
    """

    path: ObjectPath
    key: Scalar
    node: Node
    repair: Scalar | None = None


class Scope(NamedTuple):
    """Where a section stands: the schema of unqualified names, and the path of the object around it."""

    schema: str
    path: ObjectPath = ()


@dataclass(frozen=True, slots=True)
class StandIn:
    """An empty temporary relation in the place of a real one, on which a text is tried.

    `columns` is the query that gives the names and types of its columns as SQL spells the types, for
    `%(schema)s` and `%(name)s`; `create` gives the statement that creates it, under a name as SQL spells it.
    """

    columns: str
    create: Callable[[str, Sequence[tuple[str, str]]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How the server is asked to print a text: what is set up, and the query that reads the text back.

    `setup` gives the statements that set up an object with a model's text, on a relation and under a name, both as
    SQL spells them. `read` is a query for `%(on)s` and `%(name)s`, and `pick` takes the compared part of what
    it gives; None where that part is not all that counts. `stand_in` is the relation that the object is set up on.
    Without one, the object is set up in the temporary schema, under the last part of its path as it stands.
    `rows` are names that stand for a row of the relation, beside its own name. `complete` adds to the expected model
    what only the actual one has.
    """

    setup: Callable[[Any, str, str], Sequence[str]]
    read: str
    pick: Callable[[str], str | None] = str
    stand_in: StandIn | None = None
    rows: tuple[str, ...] = ()
    complete: Callable[[Any, Any], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a SQL text can be compared with another one that is spelled differently.

    `text` takes the SQL text from a model. `wrap` makes a statement of the text whose tree can be
    read; None where trees would not tell. `trial` is how the server is asked to print it; without one it is not asked.
    `context` names the type that a text alone is turned into (a default's column type), if there is one. `sort` is
    what the text is to PostgreSQL's grammar, None where it is kept in quotes. `evaluated` tells that rows are held
    against it before it is there.
    """

    text: Callable[[Any], str | None]
    wrap: Callable[[str], str] | None
    trial: Trial | None = None
    context: Callable[[Any], str] | None = None
    sort: Sort | None = Sort.EXPRESSION
    evaluated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Generic[M]):
    """One facet of a kind: which fields it covers, how they compare, and what it means if they differ.

    `facet` is also the contract's key where the object is a mapping. `show` gives the facet in the
    contract's spelling. `same` is None where the fields of the two models are simply compared; it
    may answer None when it cannot tell. With a `form`, texts that differ are compared by meaning. What is shown
    `verbatim` is no SQL with names in it.
    `excused` tells whether what the contract says of the object around it, given first, allows for what
    differs; the path's last part is given second. `unstated` tells of what is there whether no entry of a contract
    can say it, so that none would be clean of it. `needed_by_queries` tells whether a query fails where it differs.
    """

    facet: str
    rule: Rule
    fields: tuple[str, ...]
    show: Callable[[M], str | None]
    same: Callable[[M, M], bool | None] | None = None
    form: Form | None = None
    severity: Callable[[M, M], Severity] | None = None
    message: Callable[[ObjectRef, M, M], str] | None = None
    excused: Callable[[Any, str, M, M], bool] | None = None
    needed_by_queries: bool = False
    verbatim: bool = False
    unstated: Callable[[M], bool] | None = None

    def compare(self, expected: M, actual: M) -> bool | None:
        """Whether the facet is the same; None if this cannot be told from the models alone."""
        if self.same is not None:
            return self.same(expected, actual)
        if all(getattr(expected, field) == getattr(actual, field) for field in self.fields):
            return True
        return None if self.form else False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[M]):
    """One kind of schema object.

    `section` is the key of the contract under which it is declared: inside each of the kinds that `within` names,
    or at the top. Kinds that hold the same one share their names, so that a path means one holder. `leads` are the
    first words by which kinds that share a section are told apart; `keys` what an entry that is a mapping says of
    the object itself. `identity` names the parts of the path and, in the query, the columns that give them:
    `relation` stands for the two parts schema and table. The other columns are the model's fields, in their order;
    `load` makes the model of them. `read` and `load` are given the contract's schema; `read` gives None where an
    entry says that the object must not be there.

    `query` reads the objects of given names. `enumerate` is the query for the paths of all objects in `%(schemas)s`,
    but for those of extensions; what is on a relation is read with it, and needs none.

    `spell` gives what the contract says of an object as YAML's data, so that it reads the same: a text, a list or a
    mapping; None where the name alone says it; `key` what it stands under, where that is more than the name. `brief`
    gives what of it a person would write, where that is less; `condensed` what a contract made of a whole database
    says, where that is less still. `refers` gives the objects that one names, without which it cannot be created.

    `find` gives, for the key of an object that is not there under its path, the path under which it is.

    `unexpected` is the rule for an object that the contract does not name, None where such objects
    are not judged; `harmful` the rule in its stead, or alone, for one that does harm, and how to know it.
    What a table has as a part of its parent's, by `inherited`, is not unexpected there.
    With `judged_beside` they are judged only where the contract's entry around them has the section.
    `misnamed` tells whether an object does its work under any name; `lacking` words the message and `weigh` gives
    the severity where one is missing, `forbid` words it where one must not be there. `shape` is the JSON Schema of
    one entry. Where rows can be in an object's way, `mended_by_rows` lets its entry be a mapping of `definition`
    and `repair`, the file that mends them. `apart` gives the facet by which what is there is another thing than the
    expected one altogether, so that nothing else of it is compared, nor what is on it; "" where it is not.
    `by_triggers` tells that such objects do their work by triggers, `borrowed` that a path ends with the name of
    another object, by which nobody means this one.
    `shapes_writes` tells whether what a statement writes depends on such objects, whoever may run it;
    `needed_by_queries` whether a query fails where one is missing. `type_of` gives the type of one that is a value in
    a row, and `gives_types` tells that such objects are types.
    What is shown `verbatim` is no SQL with names in it. `unstated` tells whether no entry says what is there.
    """

    name: str
    section: str
    within: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    identity: tuple[str, ...]
    model: type[M]
    query: str
    enumerate: str | None = None
    entries: Callable[[Node, Scope], Iterator[Entry]]
    read: Callable[[Node, str], M | None]
    load: Callable[[tuple[Any, ...], str], M]
    find: Callable[[str, ObjectPath, Mapping[ObjectPath, M], str], ObjectPath | None] | None = None
    show: Callable[[M], str]
    spell: Callable[[M], Any]
    brief: Callable[[M], Any] | None = None
    condensed: Callable[[M], Any] | None = None
    refers: Callable[[M], Iterable[ObjectRef]] | None = None
    key: Callable[[ObjectRef, M], str] | None = None
    missing: Rule
    forbidden: Rule
    unexpected: Rule | None = None
    harmful: tuple[Rule, Callable[[M], bool]] | None = None
    inherited: Callable[[M], bool] | None = None
    misnamed: bool = False
    judged_beside: bool = False
    lacking: Callable[[ObjectRef, M], str] | None = None
    weigh: Callable[[M], Severity] | None = None
    forbid: Callable[[ObjectRef, M], str] | None = None
    attributes: tuple[Attribute[M], ...]
    ignored: frozenset[str] = frozenset()
    shape: Mapping[str, Any]
    mended_by_rows: bool = False
    apart: Callable[[M, M], str] | None = None
    verbatim: bool = False
    unstated: Callable[[M], bool] | None = None
    by_triggers: bool = False
    borrowed: bool = False
    shapes_writes: bool = False
    needed_by_queries: bool = False
    type_of: Callable[[M], str] | None = None
    gives_types: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the path's parts."""
        return ("schema", "table", *self.identity[1:]) if self.on_relation else self.identity

    def holder(self, path: ObjectPath, known: Callable[[ObjectRef], bool]) -> ObjectRef | None:
        """What an object is in or on: of the kind that has a known one there, else of the first; None for nothing."""
        refs = [ObjectRef(name, path[:-1]) for name in self.within]
        return next((ref for ref in refs if known(ref)), refs[0]) if refs else None

    @property
    def is_relation(self) -> bool:
        """Whether such an object is a relation itself, so that its path is the relation's."""
        return self.identity == ("relation",)

    @property
    def on_relation(self) -> bool:
        """Whether the query names the relation by its oid instead of schema and table."""
        return self.identity[0] == "relation"

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of this kind's findings; some are shared with other kinds."""
        found = [self.missing, self.forbidden, *(attribute.rule for attribute in self.attributes)]
        if self.unexpected:
            found.append(self.unexpected)
        if self.harmful:
            found.append(self.harmful[0])
        return tuple(found)

    @property
    def rules_of_queries(self) -> tuple[Rule, ...]:
        """The rules of findings for which a query fails."""
        found = (self.missing, *(attribute.rule for attribute in self.attributes if attribute.needed_by_queries))
        return found if self.needed_by_queries else ()


def beside(module_file: str, name: str = "query.sql") -> str:
    """A catalog query that stands beside a kind's declaration, as text."""
    return Path(module_file).with_name(name).read_text(encoding="utf-8")
