"""Runs killed at random moments while the application works and plans change: nothing lost, nothing doubled.

A round makes a schedule from its seed: what is run, when and how it is ended, and what is changed in between. Then the
same call is run to its end, everything is mended once more, and some rounds are undone. A failure shows the schedule.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

import shop
from killing import end_after, end_by_itself, show
from rounds import Round
from shop import CLIENTS, Client

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase, Template

KILLS = 3  # in a round
FEW, MANY = range(1), range(1, 65)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)])
def test_after_any_kill_the_same_call_finishes(
    template: Template,
    make_database: MakeDatabase,
    tmp_path: Path,
    seed: int,
    record_property: Any,
) -> None:
    chance = random.Random(seed)
    url = make_database(template("shop", shop.texts()))
    this = Round(url, tmp_path, seed, chance)
    busy = chance.random() < 0.7
    try:
        clients = [Client(url, number, seed * 100 + number) for number in range(CLIENTS)]
        with ExitStack() as stack:
            if busy:
                for client in clients:
                    stack.enter_context(client)
            call = this.call()
            for _ in range(KILLS):
                this.kill(call)
                this.disturb()
                if chance.random() < 0.3:
                    call = this.call()
            this.run(call)
        for client in clients:
            if client.error:
                raise client.error
        logs = [client.log for client in clients]
        this.mend_all()
        this.verify(logs)
        if chance.random() < 0.5:
            this.undo(logs)
    except BaseException as error:
        error.add_note("\n".join(this.schedule))
        raise
    record_property("kills", this.kills)
    show(f"mend{seed}", [*this.schedule, f"kills: {this.kills}; steps of clients: {[one.done for one in clients]}"])


CALLS = {
    "all": ("backfill", "-c", "shop.yaml", "--all", "--yes", "--journal", "j.jsonl"),
    "ids": ("backfill", "-c", "shop.yaml", "--journal", "j.jsonl", "1", "2", "3"),
    "undo": ("undo", "j.jsonl", "--yes"),
    "check": ("check", "-c", "shop.yaml"),
    "repair": ("repair", "-c", "shop.yaml", "--apply", "--yes"),
}
# The first message after which the line is cut, and how many more each time: a few, or all of them in parts.
PARTS = [(1, 30), *(pytest.param((first, 6), marks=pytest.mark.slow) for first in range(1, 7))]


@pytest.mark.thorough
@pytest.mark.parametrize("part", PARTS, ids=str)
@pytest.mark.parametrize("name", CALLS)
def test_a_line_that_is_cut_after_some_message_is_no_bug(
    template: Template, make_database: MakeDatabase, tmp_path: Path, name: str, part: tuple[int, int]
) -> None:
    """Whatever the program was about to ask for: it says that the connection was lost, and what stands."""
    url = make_database(template("shop", shop.texts()))
    shop.write_contract(tmp_path)
    if name == "undo":
        assert end_by_itself(CALLS["all"], url, tmp_path).code == 0
    (messages, more), ended = part, None
    while ended is None or ended.code in {3, 5}:
        ended, sent = end_after(CALLS[name], url, tmp_path, messages)
        assert "this is a bug" not in ended.err, f"after {messages} messages: {ended.err}"
        assert "Traceback" not in ended.err, f"after {messages} messages: {ended.err}"
        if sent > messages:  # it was cut
            assert ended.code in {0, 1, 3, 5}, ended.err
            assert ended.code in {3, 5} or "lost" not in ended.err, ended.err
        messages += more if messages < 60 else 5 * more + 1
    assert ended.code in {0, 1}, ended.err
