"""What people are told while rows are repaired by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.backfill.journal_messages import JournalMessages
from sessionaudit.cli.terminal.messages import say
from sessionaudit.report import backfill_sentences as sentences

if TYPE_CHECKING:
    from sessionaudit.backfill.give_way import Ending


class IdsMessages(JournalMessages, frozen=True):
    """Hears how a backfill by ids goes."""

    def looked_back(self, ending: Ending) -> None:
        """Report the result for the rows of an interrupted run."""
        for line in sentences.doubled(ending):
            say(line)
        if ending.gave_way:
            self.say(sentences.gave_way(ending))
        if ending.unproven:
            say(sentences.unproven(ending))
