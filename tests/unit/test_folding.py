"""Lines of a width, in which a command stays one that can be pasted."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionaudit.core.visible import shell_line
from sessionaudit.core.wrapping import command, fold

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=9), st.integers(40, 140), st.integers(0, 8))
def test_a_shell_reads_the_same_words_whatever_the_width(words: list[str], width: int, indent: int) -> None:
    line = shell_line(["sessionaudit", *words])
    lines = command(line, width, first="Next: ", indent=indent)
    pasted = "\n".join(lines).removeprefix("Next: ")
    joined = re.sub(r" \\\n *", " ", pasted)
    assert joined == line
    if "$'" not in line and "$(" not in line:  # which shlex does not know, nor how a shell goes on behind a line's end
        assert shlex.split(pasted.replace("\\\n", "")) == ["sessionaudit", *words]


@given(st.lists(st.text(st.sampled_from("ab'\"( "), min_size=1, max_size=9), max_size=30), st.integers(40, 140))
def test_a_line_is_longer_than_the_width_only_for_a_word_that_is(words: list[str], width: int) -> None:
    text = " ".join(words)
    lines = fold(text, width, first="error: ", indent=2)
    longest = max((len(word) for word in text.split()), default=0)
    assert all(len(line) <= max(width, longest + 7) for line in lines)
    assert " ".join(" ".join(lines).split()) == " ".join(("error: " + text).split())


@pytest.mark.parametrize("width", range(40, 120, 5))
def test_a_command_in_a_sentence_is_broken_last(width: int) -> None:
    line = "sessionaudit repair --apply -c 'my  contracts/shop.yaml' --only public.orders"
    lines = fold(f"Mend the schema first: run `{line}`, then this again.", width)
    text = "\n".join(lines)
    assert re.sub(r" \\\n *", " ", text).count(f"`{line}`") == 1
    if width >= len(line) + 3:
        assert "\\" not in text
    assert all(len(one) <= width for one in lines)
