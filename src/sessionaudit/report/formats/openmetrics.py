"""Print the report as OpenMetrics, which Prometheus reads, as does the textfile collector of its node exporter.

A part that was not checked, or that the call left out, leaves it unknown whether all is in sync, unless a finding says
that it is not: then there is no such sample. An audit that could not run has none at all, so that the time of the last
one grows old.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.finding import Severity
from sessionaudit.core.visible import visible
from sessionaudit.report.file_names import file_name
from sessionaudit.report.told import contract_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas


class MetricFamily(NamedTuple):
    """Samples of one meaning, each a value by the labels that it has beside those of all."""

    name: str
    help: str
    unit: str
    samples: tuple[tuple[Mapping[str, str], float], ...]


def render(report: Report, canvas: Canvas) -> str:
    """Render the counts of a report, with the database and the contract as labels."""
    contract = file_name(report.contract, canvas.top) if contract_place(report) else report.contract
    labels = {"contract": contract}
    if report.database is not None:
        labels |= {"database": report.database.name, "host": report.database.host}
    lines: list[str] = []
    for family in _families(report):
        if not family.samples:
            continue
        lines.append(f"# TYPE {family.name} gauge")
        if family.unit:
            lines.append(f"# UNIT {family.name} {family.unit}")
        lines.append(f"# HELP {family.name} {family.help}")
        lines += [f"{family.name}{_labelled({**labels, **own})} {value:.15g}" for own, value in family.samples]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _families(report: Report) -> Iterator[MetricFamily]:
    least = report.failing or Severity.ERROR
    failing = any(finding.severity >= least for finding in report.findings)
    known: tuple[tuple[Mapping[str, str], float], ...] = (({}, float(not failing)),)
    yield MetricFamily(
        "sessionaudit_in_sync",
        f"1 if all was checked and nothing of severity {least} or worse was found that counts, 0 if something was.",
        "",
        known if failing or not (report.unchecked or report.is_part) else (),
    )
    audits = dict.fromkeys([outcome.audit for outcome in report.outcomes] + [one.audit for one in report.findings])
    yield MetricFamily(
        "sessionaudit_findings",
        "Findings, without those that a waiver or a baseline accepts.",
        "",
        tuple(
            (
                {"audit": audit, "severity": str(severity)},
                sum(one.audit == audit and one.severity is severity for one in report.findings),
            )
            for audit in audits
            for severity in sorted(Severity, reverse=True)
        ),
    )
    yield MetricFamily("sessionaudit_waived", "Findings that a waiver accepts.", "", (({}, len(report.waived)),))
    yield MetricFamily("sessionaudit_accepted", "Findings that a baseline accepts.", "", (({}, len(report.accepted)),))
    yield MetricFamily(
        "sessionaudit_not_checked",
        "Parts that were asked for and could not be checked.",
        "",
        (({}, len(report.unchecked)),),
    )
    yield MetricFamily(
        "sessionaudit_not_known",
        "What was looked at, and of which nothing can be known.",
        "",
        (({}, len(report.undecided)),),
    )
    yield MetricFamily(
        "sessionaudit_checked",
        "What was checked, by audit.",
        "",
        tuple(({"audit": outcome.audit}, outcome.total) for outcome in report.outcomes),
    )
    if report.began is not None:
        yield MetricFamily(
            "sessionaudit_last_check_timestamp_seconds",
            "When the last check began, in seconds since 1970.",
            "seconds",
            (({}, report.began.timestamp()),),
        )
        yield MetricFamily(
            "sessionaudit_check_duration_seconds",
            "How long the last check took.",
            "seconds",
            (({}, report.seconds),),
        )


def _labelled(labels: Mapping[str, str]) -> str:
    spelled = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + ",".join(spelled) + "}"


def _escaped(value: str) -> str:
    return visible(value).replace("\\", "\\\\").replace('"', '\\"')
