"""The sessions over rows, without the command line: what they do, what they ask, and what they tell of it, to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rows import CONTRACT, STUCK, VISITORS, Heard, findings, image
from sessionaudit.backfill.all_session import AllSession, Everything, Stage
from sessionaudit.backfill.list_session import ListOptions, listing
from sessionaudit.backfill.pace import Pace
from sessionaudit.backfill.session import BackfillOptions, BackfillSession, prepare
from sessionaudit.backfill.undo_session import UndoOptions, undo
from sessionaudit.story.session import TraceOptions, stories
from sessionaudit.story.trace import Story

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS = "session_has_request"


@pytest.fixture(autouse=True)
def silent(capfd: pytest.CaptureFixture[str]) -> Any:
    """No session writes anything itself: whoever listens does."""
    yield
    assert capfd.readouterr() == ("", "")


def options(url: str, journal: Path | None, *, dry: bool = False) -> BackfillOptions:
    return BackfillOptions(url=url, contract=CONTRACT, invariant=REQUESTS, journal=journal, dry=dry)


def everything(url: str, journal: Path | None, heard: Heard, *, dry: bool = False) -> AllSession:
    asked = Everything(since="", limit=None, jobs=1, pace=Pace())
    return AllSession(prepare(options(url, journal, dry=dry), all_=True), asked, heard)


def test_ids_are_mended_and_their_journal_is_told(mended: str, tmp_path: Path) -> None:
    heard = Heard()
    session = BackfillSession(prepare(options(mended, tmp_path / "j")), heard)
    session.run([STUCK, "nobody"])
    assert [str(one.state) for one in session.outcomes] == ["created", "not found"]
    assert (session.fine, session.unproven) == (False, False)
    assert heard.events == ["journal_opened", "looked_back", "journal_written"]


def test_all_rows_are_counted_asked_for_and_mended(mended: str, tmp_path: Path) -> None:
    heard = Heard()
    session = everything(mended, tmp_path / "j", heard)
    session.run()
    assert (session.stage, session.fine, session.unproven) == (Stage.DONE, True, False)
    assert heard.events == [
        *("broken_counted", "confirmed", "journal_opened", "running", "invariant_ended", "journal_written"),
    ]
    assert REQUESTS not in findings(mended)
    again = everything(mended, None, Heard())
    again.run()
    assert again.stage is Stage.NOTHING_BROKEN


def test_who_declines_changes_nothing(mended: str, tmp_path: Path) -> None:
    before = image(mended)
    session = everything(mended, tmp_path / "j", Heard(agrees=False))
    session.run()
    assert (session.stage, session.journal, (tmp_path / "j").exists()) == (Stage.DECLINED, None, False)
    assert image(mended) == before


def test_a_dry_run_asks_nobody(mended: str) -> None:
    heard, before = Heard(agrees=False), image(mended)
    session = everything(mended, None, heard, dry=True)
    session.run()
    assert (session.stage, session.would_change) == (Stage.REHEARSED, True)
    assert heard.events == ["broken_counted", "rehearsed"]
    assert image(mended) == before


def test_an_undo_takes_back_what_it_is_agreed_to(mended: str, tmp_path: Path) -> None:
    before = image(mended)
    everything(mended, tmp_path / "j", Heard()).run()
    asked = UndoOptions(url=mended, journal=tmp_path / "j")
    heard = Heard(agrees=False)
    assert undo(asked, heard) is None
    assert heard.events == ["due", "confirmed"]
    assert image(mended) != before
    came = undo(asked, Heard())
    assert came is not None
    assert came.done.whole
    assert image(mended) == before


def test_rows_are_listed_as_they_are_read(mended: str) -> None:
    heard = Heard()
    asked = ListOptions(url=mended, contract=CONTRACT, invariant=REQUESTS, limit=2)
    with listing(asked) as session:
        session.run(heard)
    assert heard.events == ["invariant", "rows", "ended"]
    (listed,) = session.listed
    assert (listed.count, listed.more, session.whole) == (2, True, True)


def test_stories_are_told_one_by_one(mended: str) -> None:
    told = stories(TraceOptions(url=mended, contract=CONTRACT), [STUCK, VISITORS])
    first = next(told)
    assert isinstance(first, Story)
    assert (first.id, first.whole) == (STUCK, False)
    assert len(list(told)) == 1
