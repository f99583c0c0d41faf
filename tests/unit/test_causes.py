"""Which finding of one audit explains one of another."""

from __future__ import annotations

from msgspec.structs import replace

from sessionaudit.audits.causes import linked
from sessionaudit.core.finding import Finding, Rule, Severity
from sessionaudit.core.ref import ObjectRef

TABLE, COLUMN = ObjectRef("table", ("public", "t")), ObjectRef("column", ("public", "t", "c"))


def finding(
    audit: str,
    ref: ObjectRef,
    expected: str | None = "text",
    actual: str | None = None,
    severity: Severity = Severity.ERROR,
    facet: str = "",
    **more: tuple[ObjectRef, ...],
) -> Finding:
    rule = Rule(code=f"SX{audit}{facet}", name=audit, severity=severity, summary="", why="")
    return Finding(
        audit=audit,
        rule=rule,
        severity=rule.severity,
        ref=ref,
        facet=facet,
        expected=expected,
        actual=actual,
        message="",
        stands_on=more.get("stands_on", ()),
        explains=more.get("explains", ()),
        leaves=more.get("leaves", ()),
    )


def causes(*findings: Finding) -> list[tuple[Finding, ...]]:
    return [one.because for one in linked(findings).findings]


FILE = finding("files", ObjectRef("migration", ("1",)), explains=(COLUMN,))


def test_what_was_not_made_explains_what_is_missing_and_what_stands_on_it() -> None:
    missing = finding("schema", COLUMN)
    above = finding("schema", TABLE, stands_on=(COLUMN,))
    other = finding("schema", TABLE)
    assert causes(FILE, missing, above, other) == [(), (FILE,), (missing,), ()]


def test_it_does_not_explain_what_is_there_and_should_not_be() -> None:
    assert causes(FILE, finding("schema", COLUMN, expected=None, actual="text")) == [(), ()]


def test_no_finding_explains_one_of_its_own_audit() -> None:
    assert causes(FILE, finding("files", COLUMN)) == [(), ()]


def test_what_is_missing_explains_what_an_audit_after_it_finds_to_stand_on_it() -> None:
    missing = finding("schema", COLUMN)
    call = finding("code", ObjectRef("call", ("a.ts",)), expected=None, stands_on=(COLUMN,), explains=(TABLE,))
    rows = finding("data", TABLE)
    assert causes(missing, call, rows) == [(), (missing,), (call,)]


def test_it_explains_what_is_still_there_and_should_have_gone() -> None:
    still = finding("schema", COLUMN, expected=None, actual="text")
    file = finding("files", ObjectRef("migration", ("1",)), leaves=(COLUMN,))
    assert causes(file, still, finding("schema", COLUMN)) == [(), (file,), ()]


def test_of_a_cause_of_a_cause_only_the_nearest_is_kept() -> None:
    missing = finding("schema", COLUMN)
    call = finding("code", ObjectRef("call", ("a.ts",)), stands_on=(COLUMN,))
    assert causes(FILE, missing, call) == [(), (FILE,), (missing,)]


def test_a_missing_object_explains_what_stands_on_it_in_its_own_audit() -> None:
    missing = finding("schema", TABLE)
    differing = finding("schema", TABLE, actual="int", facet="type")
    above = finding("schema", ObjectRef("view", ("public", "v")), stands_on=(TABLE,))
    assert causes(missing, above) == [(), (missing,)]
    assert causes(differing, above) == [(), ()]


def test_of_what_holds_others_a_difference_explains_only_what_it_decides_on() -> None:
    secured = finding("schema", TABLE, actual="off", facet="row_security")
    call = finding("code", ObjectRef("call", ("a.ts",)), stands_on=(TABLE, COLUMN))
    assert causes(secured, call) == [(), ()]
    assert causes(secured, replace(call, decisive=(TABLE,))) == [(), (secured,)]
    gone = finding("schema", TABLE)
    assert causes(gone, call) == [(), (gone,)]


def test_the_record_of_a_file_follows_from_what_is_wrong_with_the_file() -> None:
    ref = ObjectRef("migration", ("1",))
    rejected = finding("migrations", ref, facet="rejected")
    recorded = finding("migrations", ref, facet="recorded", stands_on=(ref,))
    assert causes(rejected, recorded) == [(), (rejected,)]


def test_a_circle_is_cut_at_the_mildest_and_said() -> None:
    call = finding("code", ObjectRef("call", ("a.ts",)), stands_on=(COLUMN,), explains=(TABLE,))
    rows = finding("data", TABLE, severity=Severity.WARNING, explains=(COLUMN,))
    column = finding("schema", COLUMN)
    found = linked((column, call, rows))
    assert [one.because for one in found.findings] == [(), (column,), (call,)]
    assert found.circles == (
        'causes go in a circle (schema of column public.t.c, code of call "a.ts", data of table public.t):'
        " data of table public.t is shown as an effect only",
    )
