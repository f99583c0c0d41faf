"""Print what differs between two reports as Markdown, for a comment on a pull request.

A comment of GitHub has at most 65,536 characters: what is left out is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted
from sessionaudit.core.difference import FAILING, FindingChange
from sessionaudit.report.difference_sentences import TITLES, changed, remarks, verdict
from sessionaudit.report.documentation import in_markdown
from sessionaudit.report.file_names import file_name
from sessionaudit.report.markdown_text import code, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.difference import ChangedFinding, ReportDifference
    from sessionaudit.report import Canvas

_MARK = "<!-- sessionaudit difference -->"
_MOST = 60_000
_OPEN = frozenset((*FAILING, FindingChange.UNSEEN))


def render(page: ReportDifference, canvas: Canvas) -> str:
    """Render the page: what is new is open, the rest folded away."""
    failed = page.fails(*FAILING)
    lines = [_MARK, f"### sessionaudit: {'something is new' if failed else 'nothing new'}", ""]
    if page.fails(FindingChange.UNSEEN) and not failed:
        lines[1] = "### sessionaudit: not known whether something is new"
    lines += [plain(verdict(page)), "", *(f"- {plain(remark)}" for remark in remarks(page)), ""]
    room = _MOST - sum(map(len, lines))
    for change in FindingChange:
        several = page.of(change)
        if not several or change is FindingChange.UNCHANGED:
            continue
        items = ["\n".join(_item(one, change, canvas)) for one in several]
        kept: list[str] = []
        for item in items:
            room -= len(item) + 1
            if room < 0:
                break
            kept.append(item)
        if len(kept) < len(items):
            kept.append(f"- and {counted(len(items) - len(kept), 'more finding')}")
        title = f"{TITLES[change]} ({len(items):,})"
        if change in _OPEN:
            lines += [f"**{title}**", "", *kept, ""]
        else:
            lines += [f"<details><summary>{title}</summary>", "", *kept, "", "</details>", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _item(one: ChangedFinding, change: FindingChange, canvas: Canvas) -> Iterator[str]:
    finding = one.finding
    place = finding.location
    name = file_name(place.file, canvas.top) if place else ""
    where = f", {code(f'{name}:{place.line}' if place and place.line else name)}" if place else ""
    yield f"- **{finding.severity}** {in_markdown(finding.rule, canvas)} of {code(str(finding.ref))}{where}"
    if change in _OPEN:
        yield ""
        yield f"  {plain(finding.message)}"
    if was := changed(one):
        yield ""
        yield f"  {plain(was)}"
