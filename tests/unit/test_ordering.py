"""The order of what waits for each other: each after what it waits for, ties by rank, circles and all."""

from __future__ import annotations

from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from sessionaudit.core.ordering import ordered

SIZE = 7
GRAPHS = st.lists(st.sets(st.integers(0, SIZE - 1)), min_size=SIZE, max_size=SIZE).map(
    lambda waits: {one: others - {one} for one, others in enumerate(waits)}
)
LOOSE = st.dictionaries(st.integers(0, SIZE - 1), st.sets(st.integers(0, SIZE - 1)))
RANKS = st.permutations(range(SIZE))


def by_graphlib(waits: dict[int, set[int]], rank: list[int]) -> list[int]:
    """The order as far as no circle is met, without mentions."""
    sorter = TopologicalSorter(waits)
    with suppress(CycleError):
        sorter.prepare()
    order: list[int] = []
    ready: set[int] = set(sorter.get_ready())
    while ready:
        best = min(ready, key=rank.__getitem__)
        order.append(best)
        sorter.done(best)
        ready = ready - {best} | set(sorter.get_ready())
    return order


@given(GRAPHS, RANKS)
def test_it_is_the_one_of_graphlib_with_ties_by_rank(waits: dict[int, set[int]], rank: list[int]) -> None:
    order, circle = ordered(waits, rank.__getitem__)
    assert order[:circle] == by_graphlib(waits, rank)
    assert sorted(order) == sorted(waits)


@given(GRAPHS, LOOSE, RANKS)
def test_a_mention_keeps_nothing_from_coming(
    waits: dict[int, set[int]], mentions: dict[int, set[int]], rank: list[int]
) -> None:
    order, circle = ordered(waits, rank.__getitem__, {one: others - {one} for one, others in mentions.items()})
    places = {one: place for place, one in enumerate(order)}
    assert sorted(order) == sorted(waits)
    assert circle == ordered(waits, rank.__getitem__).circle
    assert all(places[other] < places[one] for one in order[:circle] for other in waits[one])


def test_what_mentions_another_comes_after_it_where_it_can() -> None:
    assert ordered({1: (), 2: (), 3: ()}, int, {1: {3}}).order == [2, 3, 1]
    assert ordered({1: (), 2: {1}, 3: ()}, int, {1: {2}}).order == [3, 1, 2]


def test_what_stands_in_a_circle_comes_all_the_same() -> None:
    assert ordered({1: {2}, 2: {1}, 3: {2}, 4: ()}, int) == ([4, 1, 2, 3], 1)
    assert ordered({1: {1}}, int) == ([1], 0)
