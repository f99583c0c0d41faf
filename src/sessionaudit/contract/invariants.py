"""Read the `invariants:` section: conditions across rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.contract.file_names import file_name
from sessionaudit.core.finding import Severity, Skipped
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, known_keys, mapping, name, one_of, text
from sessionaudit.core.place import where
from sessionaudit.core.ref import ObjectRef
from sessionaudit.sql.fragment import Fragment, FragmentError, whole
from sessionaudit.sql.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.problems import Problems
    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import ObjectPath

KEYS = (
    *("summary", "severity", "each", "where", "older_than", "since", "has", "on"),
    *("violations", "of", "repair", "supersede", "backfill", "show", "by"),
)
LISTED = ("invariant", "key", "since")  # the columns that every list of broken rows has
NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
INTERVAL = re.compile(r"\d+ (?:second|minute|hour|day|week|month|year)s?(?: \d+ (?:second|minute|hour|day|week)s?)*\Z")
SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "note": Severity.NOTE}


class AliasedTable(NamedTuple):
    """A table with an alias; `node` is its place in the contract."""

    path: ObjectPath
    alias: str
    node: Scalar


class Labelled(NamedTuple):
    """An expression over a row, and its label."""

    label: str
    sql: Scalar


class Clause(NamedTuple):
    """A condition on a row, and its description, which may be empty."""

    sql: Scalar
    words: str

    @property
    def denied(self) -> str:
        """The description of a row that does not satisfy it."""
        return f"it is not true that {self.told}"

    @property
    def told(self) -> str:
        """What it asks for, in words or as it stands."""
        return self.words or " ".join(self.sql.split())


class Invariant(Struct, frozen=True, kw_only=True):
    """An invariant of the rows.

    There are two forms. Either every row of `each` that satisfies all of `where`, and is older than `older_than`, must
    have a row of `has`; or `violations` is a query for the primary keys of the rows of `each` that violate it. `since`
    is the time since when a row exists. `repair` names the file that repairs rows by their keys; `supersede` names the
    file that afterwards retires the rows that the new ones replace. `usual` marks the default invariant. `show` holds
    labels and expressions for a list of violating rows, `by` those that find a row of `each`.
    """

    name: str
    location: Location
    summary: str
    severity: Severity
    each: AliasedTable
    where: tuple[Clause, ...] = ()
    older_than: Scalar | None = None
    since: Scalar | None = None
    has: AliasedTable | None = None
    on: Scalar | None = None
    violations: Scalar | None = None
    repair: Scalar | None = None
    supersede: Scalar | None = None
    usual: bool = False
    show: tuple[Labelled, ...] = ()
    by: tuple[Labelled, ...] = ()

    @property
    def ref(self) -> ObjectRef:
        """The reference that findings on its rows have."""
        return ObjectRef("invariant", (self.name,))

    def unchecked(self, reason: str, hint: str, *stands_on: ObjectRef) -> Skipped:
        """Say that its rows could not be counted, or not all of them, as what it stands on is not right."""
        return Skipped(str(self.ref), reason, hint, about=(self.ref,), stands_on=stands_on)

    @property
    def fragments(self) -> tuple[str, ...]:
        """All SQL of the contract that decides whether it holds."""
        found = [*(clause.sql for clause in self.where), self.since, self.on, self.violations]
        return tuple(str(one) for one in found if one is not None)


def read(node: Node, schema: str, problems: Problems) -> tuple[Invariant, ...]:
    """Read the invariants of a contract, in its order; add errors in one to `problems`. Raises NodeError."""
    found = tuple(_each(node, schema, problems))
    usual = [one for one in found if one.usual]
    if len(usual) > 1:
        second = next(key for key in mapping(node, "") if key == usual[1].name)
        raise NodeError(
            f"only one invariant can have “backfill: true”, and {usual[0].name} has it",
            second,
            "Name the others with --invariant.",
        )
    return found


def _each(node: Node, schema: str, problems: Problems) -> Iterator[Invariant]:
    for key, value in mapping(node, "a mapping of names to invariants").items():
        with problems.of(key):
            if not NAME.match(name(key)):
                raise NodeError("an invariant's name must consist of lower-case letters, digits and _", key)
            fields = mapping(value, "an invariant: a mapping with summary and each, or summary and violations")
            known_keys(fields, KEYS, "an invariant")
            try:
                yield _invariant(key, {str(word): said for word, said in fields.items()}, schema)
            except FragmentError as error:
                raise NodeError(str(error), key, error.hint) from None


def _invariant(key: Scalar, fields: dict[str, Node], schema: str) -> Invariant:
    if "summary" not in fields:
        raise NodeError(f"the invariant {key} needs a summary: what it requires", key)
    plain = "violations" in fields
    for word in ("has", "on", "where", "older_than") if plain else ("of",):
        if word in fields:
            other = "violations" if plain else "each"
            raise NodeError(f"“{word}” cannot be combined with “{other}”", fields[word])
    if plain and not {"of", "each"} & fields.keys():
        raise NodeError("“violations” needs “of”: the table whose primary keys the query returns", key)
    for word in () if plain else ("each", "has", "on"):
        if word not in fields:
            raise NodeError(
                f"the invariant {key} needs “{word}”", key, "An invariant needs each, has and on, or violations and of."
            )
    each = rows(fields["of" if "of" in fields else "each"], schema)
    return Invariant(
        name=str(key),
        location=where(key),
        summary=str(text(fields["summary"], "a sentence")),
        severity=SEVERITIES[one_of(fields["severity"], SEVERITIES)] if "severity" in fields else Severity.ERROR,
        each=each,
        where=tuple(clauses(fields["where"])) if "where" in fields else (),
        older_than=_interval(fields["older_than"]) if "older_than" in fields else None,
        since=expression(fields["since"], "an expression such as s.created_at") if "since" in fields else None,
        has=rows(fields["has"], schema) if "has" in fields else None,
        on=expression(fields["on"], "a condition") if "on" in fields else None,
        violations=query(fields["violations"], "a query that returns primary keys") if plain else None,
        repair=file_name(fields["repair"]) if "repair" in fields else None,
        supersede=_with_repair("supersede", fields),
        usual="backfill" in fields and _usual(fields),
        show=tuple(_listed(fields["show"])) if "show" in fields else (),
        by=tuple(labelled(fields["by"], names=True)) if "by" in fields else (),
    )


def _listed(node: Node) -> Iterator[Labelled]:
    for one in labelled(node):
        if one.label in LISTED:
            raise NodeError(f"every list already has a column “{one.label}”", _label(node, one.label))
        yield one


def _with_repair(word: str, fields: dict[str, Node]) -> Scalar | None:
    if word in fields and "repair" not in fields:
        raise NodeError(f"“{word}” has no effect without “repair”", fields[word])
    return file_name(fields[word]) if word in fields else None


def _usual(fields: dict[str, Node]) -> bool:
    marked = one_of(fields["backfill"], ("true", "false")) == "true"
    if marked and "repair" not in fields:
        raise NodeError("an invariant without “repair” cannot be backfilled", fields["backfill"])
    return marked


def rows(node: Node, schema: str) -> AliasedTable:
    """Read `table alias`; the default alias is the table's name. Raises NodeError."""
    said = text(node, "a table and its alias, such as “sessions s”")
    try:
        fragment = Fragment(said)
        path = fragment.qualified(schema, "a table")
        fragment.accept("as")
        alias = path[1] if fragment.done else fragment.name("an alias")
        fragment.end("the end: one table and its alias")
    except FragmentError as error:
        raise NodeError(str(error), said, error.hint, error.offset) from None
    return AliasedTable(path, alias, said)


def clauses(node: Node) -> Iterator[Clause]:
    """Read a condition, or a mapping of descriptions to conditions. Raises NodeError."""
    if isinstance(node, Mapping):
        for words, condition in node.items():
            yield Clause(expression(condition, "a condition"), str(words))
    else:
        yield Clause(expression(node, "a condition, or a mapping of words to conditions"), "")


def labelled(node: Node, *, names: bool = False) -> Iterator[Labelled]:
    """Read a mapping of labels to expressions; with `names` the labels are plain names. Raises NodeError."""
    for label, said in mapping(node, "a mapping of labels to expressions").items():
        if names and not NAME.match(name(label)):
            raise NodeError("a name under “by” must consist of lower-case letters, digits and _", label)
        yield Labelled(str(name(label)), expression(said, "an expression"))


def _label(node: Node, label: str) -> Scalar:
    return next(key for key in mapping(node, "") if key == label)


def expression(node: Node, what: str) -> Scalar:
    """Read a part of a SQL statement, with balanced quotes and parentheses. Raises NodeError."""
    said = text(node, what)
    try:
        whole(said)
    except FragmentError as error:
        raise NodeError(str(error), said, error.hint, error.offset) from None
    return said


def query(node: Node, what: str) -> Scalar:
    """Read a query, `select …`. Raises NodeError."""
    said = expression(node, what)
    first = next((token.text.lower() for token in tokens(said) if token.text != "("), "")
    if first not in {"select", "with", "values", "table"}:
        raise NodeError("expected a query: select …", said)
    return said


def _interval(node: Node) -> Scalar:
    said = text(node, "a time such as “2 minutes”")
    if not INTERVAL.match(said):
        raise NodeError(f"expected a time such as “2 minutes”, found “{said}”", said)
    return said
