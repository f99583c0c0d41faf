"""Reports with all that the page for browsers has, made by a hand that means harm; for its tests."""

from __future__ import annotations

from msgspec.structs import replace

from reported import DRIFTED, HOSTILE, LINKED, finding, report
from sessionaudit.core.checklist import ChecklistPoint, Proof, ProofResult, ProvenPoint
from sessionaudit.core.finding import Finding, Location, Skipped, Waiver
from sessionaudit.core.report import ObjectReference, Outcome, ReferenceState, ReportTable, TonedText

HARM = (
    f"{HOSTILE}<script>alert(1)</script></style></title>\" onload='x' \u202eabc\u0627\u0628 {{{{ 7 * 7 }}}} \x00\t&amp;"
)
LONG = f"{'very_long_name_' * 20}{HARM}"
_TABLES = ("public.sessions", "public.session_requests", "public.mechanics", f'public."{LONG}"')


def _proven(
    sentence: str,
    findings: tuple[Finding, ...] = (),
    unchecked: tuple[Skipped, ...] = (),
    waived: tuple[tuple[Finding, Waiver], ...] = (),
    remarks: tuple[str, ...] = (),
) -> ProvenPoint:
    place = Location("expected_schema.yaml", 300, 3)
    proof = Proof(text=f"table {HARM}", location=place, audit="schema")
    return ProvenPoint(
        point=ChecklistPoint(sentence=sentence, location=place, proofs=(proof,)),
        results=(ProofResult(proof=proof, findings=findings, unchecked=unchecked, waived=waived, remarks=remarks),),
    )


_OURS = tuple(
    replace(one, fix=(f"alter table x -- {HARM}",), statement=f"select '{HARM}'\nfrom x") for one in LINKED.findings
)
_LONG = replace(
    finding("column-default", "column", f"public/{LONG}/{LONG}", LONG, HARM, facet="default"),
    message=f"It is {LONG}.",
    definition=f"a: {HARM}\nb: {LONG}",
    locations=(Location(f"{HARM}.ts", 3, 5, f"    {LONG}", 12),),
    holder=_TABLES[3],
)
_TEXTS = finding(
    "function-definition", "function", "public/f/()", "a\nb\nc\nd\ne\nf\ng\nh\n", f"a\nb\nc\nX\ne\nf\ng\n{HARM}\n"
)
PICTURED = replace(
    LINKED,
    findings=(*_OURS, _LONG, _TEXTS, *(one for one in DRIFTED.findings if one.ref.path[0] == "public")),
    outcomes=(
        *LINKED.outcomes,
        Outcome(
            audit="behaviour",
            noun="probe",
            told=HARM,
            notes=(HARM,),
            plans={HARM: f"Seq Scan\n  on {HARM}"},
            undecided=(Skipped(HARM, HARM, HARM),),
            skipped=(Skipped(HARM, HARM, HARM),),
            tables=lambda _: [
                ReportTable(
                    title="Access",
                    about=HARM,
                    columns=("object", "anon", HARM, *(f"role_{n}" for n in range(9))),
                    rows=tuple(
                        (
                            (TonedText(name),),
                            (TonedText("all: select", "good"), TonedText("no row: delete", "warning")),
                            (TonedText(HARM, "error"),),
                            *((TonedText("-", "faint"),) for _ in range(9)),
                        )
                        for name in _TABLES
                    ),
                )
            ],
            references=lambda _: [
                ObjectReference(_TABLES[1], _TABLES[0], "a", ReferenceState.RIGHT),
                ObjectReference(_TABLES[1], _TABLES[2], HARM, ReferenceState.MISSING),
                ObjectReference(_TABLES[1], _TABLES[3], "c", ReferenceState.UNEXPECTED),
                ObjectReference(_TABLES[3], _TABLES[0], LONG, ReferenceState.DIFFERENT),
                ObjectReference(_TABLES[3], _TABLES[3], "itself", ReferenceState.RIGHT),
                ObjectReference(_TABLES[0], _TABLES[1], "and back", ReferenceState.RIGHT),
            ],
        ),
    ),
    next=("sessionaudit repair", f"sessionaudit check --only '{HARM}'"),
    checklist=(
        _proven("It is `so`"),
        _proven(HARM, findings=(_OURS[0], _LONG)),
        _proven(LONG, unchecked=(Skipped(HARM, HARM, HARM),), remarks=(HARM,)),
        _proven("Accepted", waived=LINKED.waived),
    ),
)
MANY = report(
    *(
        finding("column-type", "column", f"public/a_table_of_the_shop_{n % 200}/column_{n}", "text not null", "integer")
        for n in range(2_000)
    )
)
