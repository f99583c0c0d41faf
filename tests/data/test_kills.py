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
from killing import show
from rounds import Round
from shop import CLIENTS, Client

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase, Template

KILLS = 3  # in a round
FEW, MANY = range(5), range(5, 65)


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
