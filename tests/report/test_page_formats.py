"""Each kind of page has one list of formats, and its command offers those and no others."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from sessionaudit.cli.app import app
from sessionaudit.report import formats
from sessionaudit.report.format import Format
from sessionaudit.report.formats import access, backfill, broken_rows, migrations, probe, story, undo

if TYPE_CHECKING:
    from sessionaudit.report.format import StreamedFormat

OF_FINDINGS = tuple(one for one in formats.FORMATS if not one.of_checklist)
OFFERED: dict[str, tuple[Format[Any] | StreamedFormat[Any], ...]] = {
    "check": formats.FORMATS,
    "access": access.FORMATS,
    "probe": probe.FORMATS,
    "migrations": migrations.FORMATS,
    "scan": OF_FINDINGS,
    "lint": OF_FINDINGS,
    "backfill": broken_rows.FORMATS,
    "trace": story.FORMATS,
    "undo": undo.FORMATS,
}


@pytest.mark.parametrize("command", OFFERED)
def test_a_command_offers_what_it_can_print(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    operands = {"trace": ["ID"], "undo": ["JOURNAL"]}.get(command, [])
    with pytest.raises(SystemExit) as ended:
        get_command(app).main([command, *operands, "--format", "xml"], prog_name="sessionaudit")
    assert ended.value.code == 2
    names = ", ".join(f"'{one}'" for one in OFFERED[command])
    assert f"'xml' is not one of {names}." in " ".join(capsys.readouterr().err.replace("│", " ").split())


@pytest.mark.parametrize("known", [*OFFERED.values(), backfill.FORMATS], ids=lambda known: known[0].module)
def test_a_format_has_what_spells_it(known: tuple[Format[Any] | StreamedFormat[Any], ...]) -> None:
    assert len({one.name for one in known}) == len(known)
    for one in known:
        spells = "render" if isinstance(one, Format) else "writer"
        assert callable(getattr(import_module(one.module), spells))


@pytest.mark.parametrize("command", ["access", "migrations", "probe"])
def test_what_tells_findings_has_the_formats_of_reports(command: str) -> None:
    """So that each of them can stand in a pipeline; a checklist is what `check` proves."""
    assert [one.name for one in OFFERED[command]] == [one.name for one in OF_FINDINGS]
    assert {one.name for one in OFFERED[command] if isinstance(one, Format) and one.has_links} == {
        "sarif",
        "markdown",
        "html",
    }


def test_what_a_backfill_prints_is_offered_beside_lists() -> None:
    assert {one.name for one in backfill.FORMATS} < {one.name for one in broken_rows.FORMATS}
