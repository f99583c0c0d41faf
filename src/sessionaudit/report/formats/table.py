"""Print the report for people: findings by object, worst first, and what to type next."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from sessionaudit.core.baseline import plain_message
from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Finding, Severity
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import visible
from sessionaudit.core.wrapping import fold
from sessionaudit.kinds import NOT_AUDITED
from sessionaudit.report.forest import cause_counts, forest
from sessionaudit.report.grouping import follows, groups
from sessionaudit.report.lines_apart import ACTUAL, BOTH, EXPECTED, LEFT_OUT, lines_apart
from sessionaudit.report.page import Page, whole
from sessionaudit.report.told import accepted_in, few_parts, headline, sides, unchecked_parts, unknown_parts
from sessionaudit.report.tree import TreePrinter, rolled_up, shortened
from sessionaudit.report.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.core.finding import Rule
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas
    from sessionaudit.report.forest import Branch

_INDENT = 9
_GAP = 2  # blanks between the parts of a line
_OF_CAUSES = 5  # blanks before the text of a cause, whose tree needs the room
_MANY = 3
_FEW_CHARACTERS = 40  # of a value that is told with its message
_DEEPEST = 20  # blanks before a line of a text
_BREAK = re.compile(r"\s*\n\s*")  # two values may differ in their blanks alone
# What “clean” does not include; the README has the whole list.
NEVER = f"Not audited: {', '.join(NOT_AUDITED[:3])} and more; see “Not looked at” in the README."
_EVERY = f"Not audited: {', '.join(NOT_AUDITED)}; see “Not looked at” in the README."


def render(report: Report, canvas: Canvas, *, aside: str = "") -> str:
    """Render a report for a terminal, with an `aside` before the verdict.

    Names are never cut, so a very long one may exceed the width.
    """
    return whole(_Table(report, canvas, aside).lines())


class _Table(Page):
    def __init__(self, report: Report, canvas: Canvas, aside: str) -> None:
        super().__init__(canvas)
        self._report, self._aside = report, aside
        self._defined: set[str] = set()
        every_tree = () if canvas.flat else forest(report.findings, report.unchecked)
        self._causes_explain = cause_counts(every_tree).sentence
        self._trees = tuple(one for one in every_tree if one.is_cause)
        every = [branch for tree in self._trees for branch in tree.every]
        self._linked = {branch.finding.fingerprint for branch in every}
        self._barred = {one for branch in every for one in branch.unchecked}
        self._follows = follows(report.findings)
        self._counted = {finding.fingerprint for finding in report.findings}
        self._accepted_too = {finding.fingerprint for finding, _ in report.accepted}

    def lines(self) -> Iterable[str]:
        yield from self._causes()
        alone = [finding for finding in self._report.findings if finding.fingerprint not in self._linked]
        grouped = groups(alone, self._follows, self._report.holders)
        for title, findings in grouped:
            yield from self._heading(title, findings)
            for alike in _folded(findings):
                yield from self._finding(alike)
            yield ""
        yield from self._plans()
        yield from self._waived()
        yield from self._accepted()
        yield from self._skipped()
        yield from self._undecided()
        yield from self.wrapped(self._aside, 0)
        yield from self._verdict()
        for outcome in self._report.outcomes:
            yield from self.wrapped(outcome.told, 0)
        yield from self.wrapped(self._report.uncompared, 0, "faint")
        if self._report.findings:
            first = self._trees[0].finding if self._trees else grouped[0][1][0]
            yield from self._meaning(first.rule)
        for line in self._report.next:
            yield from self.command("Next", line)
        for step in self._report.by_hand:
            yield from self.command(step.before, step.command)

    def _meaning(self, rule: Rule) -> Iterable[str]:
        """Say where it stands what a rule means, if no command below prints that."""
        if all(rule.name not in step.command.split() for step in self._report.by_hand):
            yield from self.wrapped(f"What a rule means: `sessionaudit rule {rule.name}`", 0)

    def _causes(self) -> Iterable[str]:
        """Render what is a cause of something, and below it what follows from it."""
        if not self._trees:
            return
        yield from self._heading(
            "Causes, and what follows", [branch.finding for tree in self._trees for branch in tree.every]
        )
        printer = TreePrinter(self, self._trees, self._report.contract)
        lines = [line for tree in self._trees for line in ("", *self._cause(tree), *printer.lines(tree, _OF_CAUSES))]
        yield from self.wrapped(f"{self._causes_explain}. {printer.left_out}", 0)
        yield from lines[1:]
        yield ""

    def _heading(self, title: str, findings: Sequence[Finding]) -> Iterable[str]:
        counts = Counter(finding.severity for finding in findings)
        tally = ", ".join(counted(counts[severity], str(severity)) for severity in sorted(counts, reverse=True))
        *before, last = fold(visible(title), self.width)
        yield from (self.paint(line, "strong") for line in before)
        gap = self.width - len(last) - len(tally)
        if gap >= 2:
            yield self.paint(last, "strong") + " " * gap + self.paint(tally, "faint")
        else:
            yield self.paint(last, "strong")
            yield " " * max(self.width - len(tally), 0) + self.paint(tally, "faint")

    def _finding(self, alike: Sequence[Finding]) -> Iterable[str]:
        """Render a finding, or several that are alike, below a heading that says what they are about."""
        finding = alike[0]
        known = len(alike) > 1 or finding.holder in {str(finding.ref), finding.ref.dotted}
        yield from self._head(
            finding, "" if known else finding.ref.name.strip(), str(finding.severity).rjust(7), _INDENT
        )
        if len(alike) > 1:
            names = ", ".join(dotted(other.ref.path[-1:]) for other in alike)
            told = f"{len(alike)} objects that the contract does not name: {names}"
            if not finding.rule.name.startswith("unexpected-"):
                told = f"{finding.rule.summary} {len(alike)} of them: {names}"
            yield from self.wrapped(self._report.worded(told), _INDENT)
            return
        yield from self.wrapped(shortened(finding.message, finding.location), _INDENT)
        yield from self._details(finding)

    def _cause(self, tree: Branch) -> Iterable[str]:
        """Render a root, and how much follows from it."""
        finding, only = tree.finding, _only_side(tree.finding)
        yield from self._head(finding, str(finding.ref), str(finding.severity), _OF_CAUSES)
        told = (shortened(finding.message, finding.location), only, rolled_up(tree))
        yield from self.wrapped(" ".join(filter(None, told)), _OF_CAUSES)
        yield from self._details(finding, with_sides=not only)

    def _head(self, finding: Finding, name: str, severity: str, indent: int) -> Iterable[str]:
        """Render the first line of a finding: its severity, its rule, a name, if there is one, and its place."""
        place = visible(str(finding.location._replace(column=0))) if finding.location else ""
        head, name = f"{finding.rule.code}  {finding.rule.name}", visible(name)
        start = len(severity) + _GAP
        if name and start + len(head) + _GAP + len(name) <= self.width:
            head, name = f"{head}{' ' * _GAP}{name}", ""
        gap = self.width - start - len(head) - len(place)
        line = self.paint(severity, str(finding.severity)) + " " * _GAP + self.paint(head, "strong")
        if name:
            yield line
            line, gap = " " * indent + self.paint(name, "strong"), self.width - indent - len(name) - len(place)
        if not place:
            yield line
        elif gap >= _GAP:
            yield line + " " * gap + self.paint(place, "faint")
        else:
            yield line
            yield " " * indent + self.paint(place, "faint")

    def _details(self, finding: Finding, *, with_sides: bool = True) -> Iterable[str]:
        """Render what is said of a finding below its message."""
        if finding.location and finding.location.snippet:
            yield from self.marked(finding.location, _INDENT)
            for second in finding.locations[1:2]:
                yield from self._side("see also", visible(str(second._replace(column=0))))
        if apart := lines_apart(finding.printed or finding.expected or "", finding.actual or ""):
            yield from self._apart(apart)
        elif with_sides:
            yield from self._sides(finding)
            yield from self._whole(finding)
        yield from self._links(finding)
        if self.canvas.verbose:
            if finding.statement:
                yield from self._side("judged", finding.statement)
            yield from self.wrapped(self._report.worded(finding.rule.why), _INDENT, "faint")

    def _links(self, finding: Finding) -> Iterable[str]:
        for cause in finding.because:
            if self.canvas.flat or cause.fingerprint not in self._counted:
                place = f", {cause.location}" if cause.location else ""
                end = ", which the baseline accepts" if cause.fingerprint in self._accepted_too else ""
                yield from self._side("cause", visible(f"{headline(cause)}{place}{end}"))
        if not self.canvas.flat:  # it stands below
            return
        if following := self._follows.get(finding.fingerprint):
            leads_to = dict.fromkeys(f"{one.rule.name} of {one.ref}" for one in following)
            yield from self._side("leads to", visible(", ".join(leads_to)))

    def _apart(self, lines: Iterable[tuple[str, str]]) -> Iterable[str]:
        """Render the lines in which two long texts differ; machine formats have both whole."""
        yield " " * _INDENT + self.paint(f"{EXPECTED} expected  {ACTUAL} actual", "faint")
        styles = {EXPECTED: "bad", ACTUAL: "good", BOTH: "", LEFT_OUT: "faint"}
        for mark, line in lines:
            text = line.lstrip()
            indent = _INDENT + 2 + min(len(line) - len(text), _DEEPEST)
            first = " " * _INDENT + mark
            yield from self.wrapped(text, indent, styles[mark], first) if text else (first.rstrip(),)

    def _sides(self, finding: Finding) -> Iterable[str]:
        labelled = [("expected", finding.expected), ("actual", finding.actual)]
        known = [(label, visible(_BREAK.sub(" ", side.strip()))) for label, side in labelled if side is not None]
        if len(known) < 2:  # a missing schema has no values to show
            for label, side in known:
                yield from self._side(label, side)
            return
        sides = [side for _, side in known]
        half = (self.width - _INDENT - 3) // 2 - 10
        if all(len(word) <= half for side in sides for word in side.split()) and half > 12:
            yield from self._beside(*(fold(side, half) for side in sides))
            return
        for label, side in known:
            yield from self._side(label, side)

    def _whole(self, finding: Finding) -> Iterable[str]:
        """Render the existing object's definition once, if only a part of it has been shown."""
        text = finding.definition
        if text is None or text in self._defined or text.endswith(f": {finding.actual}"):
            return
        if "\n" not in text:
            if not finding.facet:  # for an object that should not exist it has been shown
                return
            self._defined.add(text)
            yield from self._side("in full", visible(text))
        elif self.canvas.verbose:
            self._defined.add(text)
            yield " " * _INDENT + self.paint("in full", "faint")
            yield from (" " * _INDENT + visible(line) for line in text.split("\n"))

    def _side(self, label: str, side: str) -> Iterable[str]:
        first, *rest = list(self.wrapped(side, _INDENT + 10)) or [""]
        yield " " * _INDENT + self.paint(f"{label:<10}", "faint") + first.lstrip()
        yield from rest

    def _beside(self, expected: list[str], actual: list[str]) -> Iterable[str]:
        half = max((len(line) for line in expected), default=0)
        for index in range(max(len(expected), len(actual))):
            left = expected[index] if index < len(expected) else ""
            right = actual[index] if index < len(actual) else ""
            labels = ("expected  ", "actual  ") if not index else (" " * 10, " " * 8)
            yield (
                " " * _INDENT
                + self.paint(labels[0], "faint")
                + f"{left:<{half}}   "
                + self.paint(labels[1], "faint")
                + right
            ).rstrip()

    def _plans(self) -> Iterable[str]:
        for name, plan in self._report.plans.items():
            yield self.paint(visible(f"How PostgreSQL would count {name}"), "strong")
            yield from (visible(f"  {line}") for line in plan.split("\n"))
            yield ""

    def _waived(self) -> Iterable[str]:
        if not self._report.waived or not self.canvas.verbose:
            return
        yield self.paint("Waived", "strong")
        for finding, waiver in self._report.waived:
            owner = f", {waiver.owner}" if waiver.owner else ""
            yield from self.wrapped(
                f"{finding.rule.name} of {finding.ref}: {waiver.reason} (until {waiver.until}{owner})", 2
            )
        yield ""

    def _accepted(self) -> Iterable[str]:
        if not self._report.accepted or not self.canvas.verbose:
            return
        yield self.paint("Accepted by the baseline", "strong")
        for finding, entry in self._report.accepted:
            yield from self.wrapped(f"{finding.severity} {headline(finding)}, {accepted_in(entry)}", 2)
            if plain_message(finding.message) != entry.message:
                yield from self.wrapped(f"now: {finding.message}", 4)
                yield from self.wrapped(f"was: {entry.message}", 4, "faint")
        yield ""

    def _skipped(self) -> Iterable[str]:
        unchecked = [one for one in self._report.unchecked if one not in self._barred]
        if not unchecked:
            return
        yield self.paint("Not checked", "strong")
        for what, reason, hint in unchecked_parts(unchecked):
            yield from self.wrapped(f"{what}: {reason}", 2)
            if hint:
                yield from self.wrapped(hint, 4)
        yield ""

    def _undecided(self) -> Iterable[str]:
        undecided = self._report.undecided
        if not undecided:
            return
        yield self.paint("Not known", "strong")
        for parts, reason, hint in unknown_parts(undecided):
            yield from self.wrapped(f"{few_parts(parts)}: {reason}", 2)
            if hint:
                yield from self.wrapped(hint, 4)
            if self.canvas.verbose:
                for one in undecided:
                    if one.reason == reason:
                        yield from self.wrapped(one.what, 4, "faint")
                        yield from self.wrapped(one.statement, 6, "faint")
        yield ""

    def _verdict(self) -> Iterable[str]:
        start, style, rest, is_clean = verdict(self._report)
        yield from self.begun(start, style, rest) if start else self.wrapped(rest, 0)
        if is_clean:
            yield from self.wrapped(_EVERY if self.canvas.verbose else NEVER, 0, "faint")


def _only_side(finding: Finding) -> str:
    """The only value of a finding, in a few words, if it has one and no other: then the message has room for it."""
    known = [f"{label.title()}: {side}." for label, side in sides(finding)]
    only = known[0] if len(known) == 1 else ""
    return "" if len(only) > _FEW_CHARACTERS or "\n" in only else only


def _folded(findings: Sequence[Finding]) -> Iterable[Sequence[Finding]]:
    """Combine many notes of one rule into one."""
    by_rule = Counter(finding.rule for finding in findings if finding.severity is Severity.NOTE)
    done: set[str] = set()
    for finding in findings:
        if by_rule[finding.rule] <= _MANY or finding.severity is not Severity.NOTE:
            yield [finding]
        elif finding.rule.name not in done:
            done.add(finding.rule.name)
            yield [other for other in findings if other.rule is finding.rule and other.severity is Severity.NOTE]
