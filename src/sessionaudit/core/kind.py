"""Define what a kind of schema object declares about itself, so that the kernel names no kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.query import Sort
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sessionaudit.core.finding import Rule, Severity
    from sessionaudit.core.node import Node, Scalar

M = TypeVar("M")
ObjectPath = tuple[str, ...]


class Entry(NamedTuple):
    """An object that a section of the contract names: its path, its key, and its definition.

    `repair` names the file that repairs the rows in the object's way. `access` says what roles may do with it.
    """

    path: ObjectPath
    key: Scalar
    node: Node
    repair: Scalar | None = None
    access: Node | None = None


class Scope(Struct, frozen=True):
    """The context of a section: the schema of unqualified names, and the path of the containing object."""

    schema: str
    path: ObjectPath = ()


class StandIn(Struct, frozen=True):
    """An empty temporary relation that replaces a real one, to try a text on it.

    `columns` is the query for the names and types of its columns, as SQL spells the types, with `%(schema)s` and
    `%(name)s`; `create` returns the statement that creates it, for a name in SQL.
    """

    columns: str
    create: Callable[[str, Sequence[tuple[str, str]]], str]


class Trial(Struct, frozen=True, kw_only=True):
    """How the server is asked to print a text: the statements that set it up, and the query that reads it back.

    `setup` returns the statements that create an object with a model's text, for a relation and a name, both in SQL.
    `read` is a query with `%(on)s` and `%(name)s`, and `pick` returns the part of its result to compare, or None if
    that part does not decide. `stand_in` is the relation that the object is on; without one, the object is in the
    temporary schema, and its name is the last part of its path, unchanged. `rows` are names of a whole row of the
    relation, besides its own name. `complete` adds to the expected model properties that only the actual one has. `at`
    is where the schema and the name of the relation stand in the object's path.
    """

    setup: Callable[[Any, str, str], Sequence[str]]
    read: str
    pick: Callable[[str], str | None] = str
    stand_in: StandIn | None = None
    rows: tuple[str, ...] = ()
    complete: Callable[[Any, Any], Any] | None = None
    at: int = 0

    def relation(self, path: ObjectPath) -> ObjectPath:
        """Return the path of the relation that an object is on."""
        return path[self.at : self.at + 2]


class Form(Struct, frozen=True, kw_only=True):
    """How a SQL text can be compared with another one that is spelled differently.

    `text` returns the SQL text of a model. `wrap` makes a statement of the text, which can be parsed to a tree; None if
    trees do not help. `trial` is how the server is asked to print it; without one it is not asked. `context` is the
    type that a single literal gets (a default's column type), if there is one. `sort` is the grammatical kind of the
    text; None if it is quoted. `evaluated` says that rows are checked against it before it exists. `reworded` returns
    the model with each part of the text as a function spells it, if the text is made of several.
    """

    text: Callable[[Any], str | None]
    wrap: Callable[[str], str] | None
    trial: Trial | None = None
    context: Callable[[Any], str] | None = None
    sort: Sort | None = Sort.EXPRESSION
    evaluated: bool = False
    reworded: Callable[[Any, Callable[[str], str]], Any] | None = None


class Attribute(Struct, Generic[M], frozen=True, kw_only=True):
    """One facet of a kind: the fields that it covers, how they are compared, and the rule for a difference.

    `facet` is also the contract's key if the object is a mapping, unless `keys` names others. `show` returns the
    facet in the contract's spelling. `same` is None if the fields of the two models are simply compared; it may
    return None if it cannot decide. With a `form`, texts that differ are compared by meaning. A `verbatim` facet is
    not SQL with names. `excused` says whether the contract's entry of the containing object (the first argument)
    permits the difference; the second argument is the path's last part. `unstated` says whether a contract cannot
    state the existing value, so that every contract would have a finding. `needed_by_queries` says whether a query
    fails if the facet differs; `removes` whether the repair takes away what a query may name (expected, then actual).
    `adopt` returns the expected model with this facet as the actual one has it; without it, that is the expected model
    with the actual `fields`. An `elsewhere` facet is of another object, which the steps that create or recreate this
    one leave as it is.
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
    removes: Callable[[M, M], bool] | None = None
    keys: tuple[str, ...] = ()
    adopt: Callable[[M, M], M] | None = None
    elsewhere: bool = False

    def adopted(self, expected: M, actual: M) -> M:
        """Return the expected model with this facet as the actual one has it, and all others as they are expected."""
        if self.adopt is not None:
            return self.adopt(expected, actual)
        model: Any = expected  # of any kind: models have no base of their own
        return cast("M", replace(model, **{field: getattr(actual, field) for field in self.fields}))

    def compare(self, expected: M, actual: M) -> bool | None:
        """Whether the facet is the same; None if the models alone do not show it."""
        if self.same is not None:
            return self.same(expected, actual)
        if all(getattr(expected, field) == getattr(actual, field) for field in self.fields):
            return True
        return None if self.form else False


class Kind(Struct, Generic[M], frozen=True, kw_only=True):
    """One kind of schema object.

    `section` is the key of the contract under which it is declared: inside each of the kinds in `within`, or at the
    top. Kinds that contain the same kind share one namespace, so that a path has one container. `leads` are the first
    words that distinguish kinds that share a section; `keys` are the keys of a mapping that concern the object itself.
    `identity` names the parts of the path, which are also columns of the query; `relation` means the two parts schema
    and table. The other columns are the model's fields, in their order; `load` makes the model from them. `read` and
    `load` get the contract's schema; `read` returns None if an entry says that the object must not exist.

    `classes` are the classes that pg_identify_object has for such objects.

    `query` reads the objects with given names. `enumerate` is the query for the paths of all objects in `%(schemas)s`,
    except those of extensions; objects on a relation are read with it, and need none. Both may take `%(among)s`: the
    oids to which they are limited, of the objects or of what they are on, or null.

    `spell` returns an object as data of the contract's YAML, which `read` reads back: a text, a list or a mapping; None
    if the name is all. `key` returns its key, if that is more than the name. `brief` returns the shorter form that a
    person would write, if there is one. `condensed` returns the still shorter form for a contract of a whole
    database. `refers` returns the objects that one names, without which it cannot be created; `goes_with` returns those
    that take it along when they are dropped. `taking_back` gets an expected and an actual model, and returns the actual
    one; it then also states that roles lack what the expected one gives them, so that a repair revokes that.
    `backs` says whether one lets others refer to some columns of its relation.

    `respell` returns the path for one that the server spelled, where that is SQL that names an object.
    `find` returns, for the key of an object that does not exist under its path, the path under which it exists.

    `unexpected` is the rule for an object that the contract does not name; None if such objects are not reported.
    `harmful` is the rule that replaces it, or the only one, for an object that does harm, with a test for that;
    `doubt` words the message of one that perhaps does none, and so is a warning, and is "" for all others. An
    object that a table inherits, according to `inherited`, is not unexpected; a contract of a whole database states it
    only if it is `apart_from_parent`. With `judged_beside`, unexpected objects
    are reported only if the containing entry has the section; so are objects of the kinds that the containing kind
    `brings` along. `misnamed` says whether an object has its effect under
    any name. `lacking` words the message and `weigh` returns the severity if an object is missing; `forbid` words the
    message if it must not exist. `shape` is the JSON Schema of one entry. `row_repair` says that rows can be in an
    object's way: then its entry may be a mapping of `definition` and `repair`, the file that repairs them. `apart`
    returns the facet that makes the existing object a different thing, so that neither its other facets nor the objects
    on it are compared; "" if there is none. `other` says so of an existing object alone, which is then not the one that
    the contract declares absent. `by_triggers` says that such objects work by triggers. `borrowed` says that
    a path ends with the name of another object, which does not refer to this one. `shapes_writes` says whether the
    effect of a write depends on such objects, for any role; `needed_by_queries` whether a query fails if one is
    missing. `type_of` returns the type of an object that is a value in a row, and `gives_types` says that such objects
    are types. A `verbatim` object is not SQL with names. `unstated` says whether no entry can state the existing
    object. `aside` says that such objects are remarks on others, which a contract of a whole database has as comments;
    then `about` returns the objects that one may be on, or on a part of; what is on a relation also by its schema and
    its own name.
    `roles` returns the roles that one names. `belongs_to` returns those whose own it is: a contract of a whole database
    has objects `among_roles` only if other objects name all of these.
    `grouped` says that several objects stand below one key of the section. `commands` are those that a role may run
    on such an object; the contract may state what comes of each.
    `is_schema` says that such an object is what the part `schema` of other paths names; the contract need not name it.
    """

    name: str
    section: str
    classes: tuple[str, ...] = ()
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
    respell: Callable[[ObjectPath], ObjectPath] | None = None
    find: Callable[[str, ObjectPath, Mapping[ObjectPath, M], str], ObjectPath | None] | None = None
    show: Callable[[M], str]
    spell: Callable[[M], Any]
    brief: Callable[[M], Any] | None = None
    condensed: Callable[[M], Any] | None = None
    refers: Callable[[M], Iterable[ObjectRef]] | None = None
    goes_with: Callable[[M], Iterable[ObjectRef]] | None = None
    taking_back: Callable[[M, M], M] | None = None
    backs: Callable[[M, frozenset[str]], bool] | None = None
    key: Callable[[ObjectRef, M], str] | None = None
    missing: Rule
    forbidden: Rule
    unexpected: Rule | None = None
    harmful: tuple[Rule, Callable[[M], bool]] | None = None
    doubt: Callable[[ObjectRef, M], str] | None = None
    inherited: Callable[[M], bool] | None = None
    apart_from_parent: Callable[[M], bool] | None = None
    misnamed: bool = False
    judged_beside: bool = False
    brings: tuple[str, ...] = ()
    lacking: Callable[[ObjectRef, M], str] | None = None
    weigh: Callable[[M], Severity] | None = None
    forbid: Callable[[ObjectRef, M], str] | None = None
    attributes: tuple[Attribute[M], ...]
    ignored: frozenset[str] = frozenset()
    shape: Mapping[str, Any]
    row_repair: bool = False
    apart: Callable[[M, M], str] | None = None
    other: Callable[[M], bool] | None = None
    verbatim: bool = False
    unstated: Callable[[M], bool] | None = None
    by_triggers: bool = False
    borrowed: bool = False
    shapes_writes: bool = False
    needed_by_queries: bool = False
    type_of: Callable[[M], str] | None = None
    gives_types: bool = False
    aside: bool = False
    about: Callable[[ObjectPath], Iterable[ObjectRef]] | None = None
    grouped: bool = False
    commands: tuple[str, ...] = ()
    is_schema: bool = False
    roles: Callable[[ObjectPath, M], Iterable[str]] | None = None
    belongs_to: Callable[[ObjectPath], Iterable[str]] | None = None
    among_roles: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the path's parts."""
        return ("schema", "table", *self.identity[1:]) if self.on_relation else self.identity

    def holder(self, path: ObjectPath, known: Callable[[ObjectRef], bool]) -> ObjectRef | None:
        """Return what an object is in or on: of the kind with a known object there, else of the first, or None."""
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
    """Read a catalog query from the directory of a kind's declaration."""
    return Path(module_file).with_name(name).read_text(encoding="utf-8")
