"""Compare expected and actual objects. Names no kind."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sessionaudit.audits.schema import refusals
from sessionaudit.core.finding import Finding, Rule, Severity, Subject
from sessionaudit.core.node import UNNAMED, close
from sessionaudit.core.node import Mapping as Fields
from sessionaudit.core.ref import ObjectRef, Spelled, dotted
from sessionaudit.core.text_comparison import SAME, Answer, Question, Verdict
from sessionaudit.kinds import HOLDING, KINDS, SCHEMAS
from sessionaudit.rulebook import MISNAMED, NO_SCHEMA, UNCERTAIN, UNEXPECTED
from sessionaudit.sql.text import quoted, unqualified

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sessionaudit.contract.model import Contract, Declared
    from sessionaudit.core.finding import Location, Skipped
    from sessionaudit.core.kind import Attribute, Kind, ObjectPath
    from sessionaudit.core.schema import Schema

    Settle = Callable[[Sequence[Question]], Sequence[Answer]]
    Names = Callable[[], frozenset[str]]

T = TypeVar("T")
_NEW = f"If it is to be created, name it under “{SCHEMAS.section}” in the contract."
# The number of pairs of a missing and an unexpected object of one table that are compared: a hundred of each.
_MOST_GUESSES = 10_000
_KINDS = {kind.name: kind for kind in KINDS}
_VERBATIM = {(kind.name, "") for kind in KINDS if kind.verbatim} | {
    (kind.name, attribute.facet) for kind in KINDS for attribute in kind.attributes if attribute.verbatim
}
_HOLDERS = frozenset(kind.name for kind in HOLDING)


def compare(
    contract: Contract, actual: Schema, settle: Settle, own_names: Names, *, whole: bool = False
) -> tuple[Finding, ...]:
    """Compare the objects of the database with those of the contract.

    `settle` receives all spellings that differ, and returns whether they mean the same. `own_names` returns the names
    in pg_catalog: an object of such a name needs its schema. `whole` tells that the contract names every object that
    should exist.
    """
    comparison = _KindComparison(contract, actual, own_names, whole=whole)
    comparison.schemas()
    for kind in sorted(KINDS, key=lambda kind: bool(kind.within)):  # what holds others comes before these
        if kind.name in actual.objects:
            comparison.kind(kind)
    comparison.settle(settle)
    return tuple(comparison.findings)


class _Namesake(NamedTuple):
    """An object that may be an expected one under another name, if all questions are answered with yes."""

    path: ObjectPath
    questions: tuple[Question, ...]


class _Lacking(NamedTuple):
    """An expected object that does not exist, unless it is one of the `namesakes`."""

    kind: Kind[Any]
    path: ObjectPath
    entry: Declared
    namesakes: tuple[_Namesake, ...]


class _KindComparison:
    """The state of one comparison: a proven difference is a finding at once, the others wait for answers."""

    def __init__(self, contract: Contract, actual: Schema, own_names: Names, *, whole: bool) -> None:
        self._whole = whole
        self.findings: list[Finding] = []
        self._own_names = own_names
        self._contract = contract
        self._actual = actual
        self._missing: set[tuple[str, ObjectPath]] = set()
        self._no_schema: set[str] = set()
        self._apart: set[tuple[str, ObjectPath]] = set()
        self._spare: list[tuple[Kind[Any], dict[ObjectPath, Any]]] = []
        self._lacking: list[_Lacking] = []
        self._questions: list[tuple[Question, Declared]] = []

    def schemas(self) -> None:
        """Add one finding for each missing schema, instead of one for each object in it."""
        declared, filled = self._contract.objects[SCHEMAS.name], set[str]()
        places: dict[str, Declared] = {}
        for kind in KINDS:
            index = kind.path.index("schema") if "schema" in kind.path and not kind.within else None
            for path, entry in self._contract.objects[kind.name].items() if index is not None else ():
                schema = path[index or 0]
                known = schema in self._actual.schemas or isinstance(schema, Spelled)  # a mark, and no name
                if not known and entry.value is not None:
                    places.setdefault(schema, entry)
                    filled |= set() if kind.is_schema else {schema}
        for schema, place in places.items():
            self._no_schema.add(schema)
            named = declared.get((schema,))
            stated = named.value if named else None
            ref = ObjectRef(refusals.SCHEMA, (schema,))
            others = ", and neither does anything that the contract names in it" if schema in filled else ""
            doubt = "" if named else close(schema, self._actual.schemas)
            hint = f" {doubt} Is this the right database?" if doubt else ""
            self.findings.append(
                Finding(
                    rule=NO_SCHEMA,
                    severity=NO_SCHEMA.severity,
                    ref=ref,
                    facet="",
                    expected=None if stated is None else SCHEMAS.show(stated),
                    actual=None,
                    message=f"The schema {quoted(schema)} does not exist in this database{others}.{hint}",
                    locations=(place.location(),),
                    holder=str(ref),
                    subject=Subject(SCHEMAS.model() if stated is None else stated, None, doubt=_NEW if doubt else ""),
                )
            )

    def _in_no_schema(self, kind: Kind[Any], path: ObjectPath) -> bool:
        """Whether an object cannot exist because its schema does not."""
        return bool(self._no_schema) and "schema" in kind.path and path[kind.path.index("schema")] in self._no_schema

    def kind(self, kind: Kind[Any]) -> None:
        """Compare all objects of one kind."""
        present = self._comparable(kind, self._actual.objects[kind.name])
        declared = self._comparable(kind, self._contract.objects[kind.name])
        judged = kind.unexpected or kind.harmful or self._whole
        spare = {path: value for path, value in present.items() if path not in declared} if judged else {}
        self._spare.append((kind, spare))
        alike: set[tuple[int, int]] = set()  # most columns share a model with many others
        for path, entry in declared.items():
            expected, found = entry.value, present.get(path)
            if expected is None:
                if found is not None and not (kind.other and kind.other(found)):
                    subject = Subject(None, found)
                    self._add(kind.forbidden, kind, path, "", None, kind.show(found), entry, subject)
            elif found is None:
                if not _is_on(kind, path, self._missing) and not self._in_no_schema(kind, path):
                    self._missing.add((kind.name, path))
                    self._lacking.append(_Lacking(kind, path, entry, ()))
            elif (id(expected), id(found)) in alike or expected == found:
                alike.add((id(expected), id(found)))
            else:
                alone = kind.apart(expected, found) if kind.apart else ""
                if alone:
                    self._apart.add((kind.name, path))
                self._attributes(kind, path, entry, found, alone)
        if kind.misnamed and spare:
            self._guess(kind, spare)

    def _comparable(self, kind: Kind[Any], objects: Mapping[ObjectPath, T]) -> Mapping[ObjectPath, T]:
        """Return the objects, except those on a relation or other object that is of another type than expected."""
        if not self._apart or not kind.within:
            return objects
        return {path: one for path, one in objects.items() if not _is_on(kind, path, self._apart)}

    def _guess(self, kind: Kind[Any], spare: dict[ObjectPath, Any]) -> None:
        """Note for each missing object which unexpected objects may be the same under another name."""
        beside: dict[ObjectPath, dict[ObjectPath, Any]] = {}
        for path, value in spare.items():
            beside.setdefault(path[:-1], {})[path] = value
        numbers = Counter(one.path[:-1] for one in self._lacking if one.kind is kind)
        for place, lacking in enumerate(self._lacking):
            others = beside.get(lacking.path[:-1], {})
            if lacking.kind is kind and others and numbers[lacking.path[:-1]] * len(others) <= _MOST_GUESSES:
                namesakes = tuple(_namesakes(kind, lacking.path, lacking.entry.value, others))
                self._lacking[place] = lacking._replace(namesakes=namesakes)

    def _attributes(self, kind: Kind[Any], path: ObjectPath, entry: Declared, found: Any, alone: str) -> None:
        """Compare all facets of an object, or only the facet `alone`."""
        ref = ObjectRef(kind.name, path)
        for attribute in kind.attributes:
            if alone not in {"", attribute.facet}:
                continue
            same = attribute.compare(entry.value, found)
            if same is None:
                self._questions.append((Question(ref, attribute, entry.value, found), entry))
            elif not same and not self._excused(kind, ref, attribute, entry, found):
                self._differing(ref, attribute, entry, found)

    def _excused(self, kind: Kind[Any], ref: ObjectRef, attribute: Attribute[Any], entry: Declared, found: Any) -> bool:
        holder = _declared_around(self._contract, kind, ref.path)
        if attribute.excused is None or holder is None or holder.value is None:
            return False
        return attribute.excused(holder.value, ref.path[-1], entry.value, found)

    def settle(self, settle: Settle) -> None:
        """Get answers to the open questions, and turn them into findings."""
        questions = [question for question, _ in self._questions]
        guesses = [question for lacking in self._lacking for one in lacking.namesakes for question in one.questions]
        asked = [*questions, *guesses]
        answers: Sequence[Answer] = settle(asked) if asked else ()
        refused: list[tuple[Question, Declared, Answer]] = []
        for (question, entry), answer in zip(self._questions, answers, strict=False):
            if answer.verdict is Verdict.UNKNOWN:
                self._uncertain(question, entry, answer)
            elif answer.verdict is Verdict.INVALID:
                refused.append((question, entry, answer))
            elif answer.verdict is Verdict.DIFFERENT:
                self._differing(question.ref, question.attribute, entry, question.actual, answer=answer)
        differing = [*self.findings]
        for question, entry, answer in refused:
            self._refused(question, entry, answer, differing)
        guessed = zip(guesses, answers[len(questions) :], strict=True)
        self._without({id(question) for question, answer in guessed if answer.verdict is Verdict.SAME})

    def _without(self, same: set[int]) -> None:
        """Add findings for missing objects, objects under another name, and unexpected objects."""
        spares = {kind.name: spare for kind, spare in self._spare}
        for kind, path, entry, namesakes in self._lacking:
            spare = spares[kind.name]
            for other, questions in namesakes:
                if other in spare and all(id(question) in same for question in questions):
                    subject = Subject(entry.value, spare.pop(other), found=ObjectRef(kind.name, other))
                    self._add(MISNAMED, kind, path, "name", dotted(path[-1:]), dotted(other[-1:]), entry, subject)
                    break
            else:
                subject = Subject(entry.value, None)
                self._add(kind.missing, kind, path, "", kind.show(entry.value), None, entry, subject)
        for kind, spare in self._spare:
            for path, value in spare.items():
                self._unexpected(kind, path, value)

    def _unexpected(self, kind: Kind[Any], path: ObjectPath, value: Any) -> None:
        if self._whole and kind.within and _declared_around(self._contract, kind, path) is None:
            return  # what it is on is unexpected itself
        usual = kind.unexpected or (UNEXPECTED if self._whole else None)
        rule = None if kind.inherited and kind.inherited(value) else usual
        if kind.harmful and kind.harmful[1](value):
            rule = kind.harmful[0]
        if rule is not None and judges(self._contract, kind, path):
            self._add(rule, kind, path, "", None, kind.show(value), None, Subject(None, value))

    def _differing(
        self,
        ref: ObjectRef,
        attribute: Attribute[Any],
        entry: Declared,
        found: Any,
        refusal: str = "",
        answer: Answer = SAME,
    ) -> None:
        expected = entry.value
        self._append(
            attribute.rule,
            ref,
            attribute.facet,
            attribute.show(expected),
            attribute.show(found),
            entry.location(attribute.facet),
            subject=Subject(expected, found, answer.printed, refused=refusal, whole=answer.whole),
            severity=attribute.severity(expected, found) if attribute.severity else None,
            message=attribute.message(ref, expected, found) if attribute.message else "",
            refusal=refusal,
        )

    def _uncertain(self, question: Question, entry: Declared, answer: Answer) -> None:
        attribute = question.attribute
        self._append(
            UNCERTAIN,
            question.ref,
            attribute.facet,
            attribute.show(question.expected),
            attribute.show(question.actual),
            entry.location(attribute.facet),
            message=refusals.undecided(question, answer),
            barred=refusals.barred(question, answer),
        )

    def _refused(self, question: Question, entry: Declared, answer: Answer, differing: Sequence[Finding]) -> None:
        """Add a finding if the server rejects the expected definition: drift, or a mistake in the contract."""
        missing = [ObjectRef(kind.name, path) for kind, path, _, _ in self._lacking]
        missing += [ObjectRef(refusals.SCHEMA, (schema,)) for schema in self._no_schema]
        if refusals.explained(question, answer, self._contract, missing, differing):
            self._differing(question.ref, question.attribute, entry, question.actual, answer.reason)
        elif answer.barred:
            self._uncertain(question, entry, answer)
        else:
            self.findings.append(refusals.of_question(question, answer, entry))

    def _add(
        self,
        rule: Rule,
        kind: Kind[Any],
        path: ObjectPath,
        facet: str,
        expected: str | None,
        actual: str | None,
        entry: Declared | None,
        subject: Subject,
    ) -> None:
        location = entry.location() if entry else self._holder(kind, path)
        ref, lacking = ObjectRef(kind.name, path), entry.value if entry and rule is kind.missing else None
        message = kind.doubt(ref, subject.actual) if kind.doubt and kind.harmful and rule is kind.harmful[0] else ""
        severity = Severity.WARNING if message else kind.weigh(lacking) if lacking and kind.weigh else None
        if rule is kind.forbidden and kind.forbid:
            message = kind.forbid(ref, subject.actual)
        message = message or (lacking and kind.lacking and kind.lacking(ref, lacking)) or ""
        self._append(rule, ref, facet, expected, actual, location, severity=severity, message=message, subject=subject)

    def _holder(self, kind: Kind[Any], path: ObjectPath) -> Location | None:
        """Return where the contract declares the container of an object that it does not name."""
        entry = _declared_around(self._contract, kind, path)
        return entry.location(kind.section) if entry else None

    def _append(
        self,
        rule: Rule,
        ref: ObjectRef,
        facet: str,
        expected: str | None,
        actual: str | None,
        location: Location | None,
        *,
        severity: Severity | None = None,
        message: str = "",
        refusal: str = "",
        subject: Subject | None = None,
        barred: Skipped | None = None,
    ) -> None:
        expected, actual = self._shown(ref.kind, facet, expected), self._shown(ref.kind, facet, actual)
        message = message or rule.message.format(
            name=ref.name, parent=ref.parent, object=ref.dotted, whole=ref, expected=expected, actual=actual
        )
        holder = _KINDS[ref.kind].holder(ref.path, self._known)
        self.findings.append(
            Finding(
                rule=rule,
                severity=severity or rule.severity,
                ref=ref,
                facet=facet,
                expected=expected,
                actual=actual,
                message=f"{message} PostgreSQL says of the expected one: {refusal}." if refusal else message,
                locations=(location,) if location else (),
                stands_on=(holder,) if holder else (),
                holder=_group(ref),
                subject=subject,
                barred=barred,
                printed=self._shown(ref.kind, facet, subject.printed) if subject else None,
            )
        )

    def _known(self, ref: ObjectRef) -> bool:
        return ref.path in self._contract.objects[ref.kind] or ref.path in self._actual.objects.get(ref.kind, {})

    def _shown(self, kind: str, facet: str, text: str | None) -> str | None:
        """Return a text as the contract would write it."""
        schema = self._contract.schema
        if text is None or f"{quoted(schema)}." not in text or (kind, facet) in _VERBATIM:
            return text
        return unqualified(text, schema, self._own_names())


def judges(contract: Contract, kind: Kind[Any], path: ObjectPath) -> bool:
    """Whether an object of a kind would be reported if the contract does not name it."""
    known = (name for name in kind.within if path[:-1] in contract.objects[name])
    holder = next((_KINDS[name] for name in known), None)
    if holder is None:
        return True
    node = contract.objects[holder.name][path[:-1]].node
    if isinstance(node, Fields) and UNNAMED in node:
        return False
    if not (kind.judged_beside or kind.name in holder.brings):
        return True
    return isinstance(node, Fields) and kind.section in node


def _is_on(kind: Kind[Any], path: ObjectPath, refs: Collection[tuple[str, ObjectPath]]) -> bool:
    """Whether an object is in or on one of the objects `refs`."""
    return any((name, path[:-1]) in refs for name in kind.within)


def _declared_around(contract: Contract, kind: Kind[Any], path: ObjectPath) -> Declared | None:
    """Return the contract's declaration of the object that contains this one."""
    found = (contract.objects[name].get(path[:-1]) for name in kind.within)
    return next((entry for entry in found if entry), None)


def _group(ref: ObjectRef) -> str:
    """Return the key by which findings are grouped: a table and all objects on it form one group."""
    if _KINDS[ref.kind].within:
        return dotted(ref.path[:-1])
    return ref.dotted if ref.kind in _HOLDERS else str(ref)


def _namesakes(kind: Kind[Any], path: ObjectPath, expected: Any, spare: dict[ObjectPath, Any]) -> Iterator[_Namesake]:
    """Find the unexpected objects that, as far as is known, do not differ from a missing one."""
    for other, value in spare.items():
        verdicts = [(attribute, attribute.compare(expected, value)) for attribute in kind.attributes]
        if all(same is not False for _, same in verdicts):
            ref = ObjectRef(kind.name, path)
            unsettled = (attribute for attribute, same in verdicts if same is None)
            yield _Namesake(other, tuple(Question(ref, attribute, expected, value) for attribute in unsettled))
