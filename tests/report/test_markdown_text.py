"""Names from outside in Markdown, read by a parser of CommonMark with the tables of GitHub."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ci_tools import markdown_tokens
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.visible import visible
from sessionaudit.report.markdown_text import cell, code, plain

NAMES = st.text(st.sampled_from("a`|\\ \n\t*_[]()<>&~#$@\"'.:!-1é\x1b\u202e{}"), max_size=12)
NAME = ("`", "``", "a`", "|", "a|`|", "\\", "\\|", " a ", "  ", "\n", "a\nb", "&amp;", '"a b".c')


def shown(text: str) -> list[tuple[str, str]]:
    """The pieces of one paragraph or cell as somebody sees them, each with its kind."""
    return [(one.type, one.content) for one in markdown_tokens(text) if one.type in {"text", "code_inline"}]


def of_table(*cells: str) -> list[list[tuple[str, str]]]:
    """The pieces of each cell of the only row."""
    text = f"| a | b |\n|---|---|\n| {' | '.join(map(cell, cells))} |\n"
    tokens = markdown_tokens(text)
    start = next(place for place, one in enumerate(tokens) if one.type == "tbody_open")
    return [
        [(piece.type, piece.content) for piece in one.children or () if piece.type in {"text", "code_inline"}]
        for one in tokens[start:]
        if one.type == "inline"
    ]


@given(NAMES)
@pytest.mark.parametrize("inside", [True, False])
def test_a_name_is_one_piece_of_code_with_all_its_characters(inside: bool, name: str) -> None:
    wanted = ("code_inline", visible(name) or " ")
    if inside:
        first, *others = of_table(code(name), "b")
        assert (first, others) == ([wanted], [[("text", "b")]])
    else:
        assert shown(f"x {code(name)} y") == [("text", "x "), wanted, ("text", " y")]


for _name in NAME:
    test_a_name_is_one_piece_of_code_with_all_its_characters = example(_name)(
        test_a_name_is_one_piece_of_code_with_all_its_characters
    )


@given(NAMES, NAMES)
@example('a " b', "|")
@example("", "x`y z`")
def test_a_sentence_shows_all_its_characters(name: str, other: str) -> None:
    sentence = f"The column {ObjectRef('column', ('public', name, other)).dotted} of it"
    wanted = visible(" ".join(sentence.split())).replace("`", "").replace(" ", "")
    for pieces in (shown(plain(sentence)), of_table(plain(sentence), "b")[0]):
        assert "".join(piece for _, piece in pieces).replace("`", "").replace(" ", "") == wanted


@pytest.mark.parametrize(
    "name",
    ['public.t."Mechanics can accept"', 'public."Weird | Table".id', '"a b".c', 'public."a ""b"" c"', "public.t.c"],
)
def test_a_quoted_name_in_a_sentence_is_one_piece_of_code(name: str) -> None:
    assert ("code_inline", name) in shown(plain(f"The policy {name} is still there, as is (public.t)."))
    assert ("code_inline", name) in of_table(plain(f"It is {name}."), "b")[0]
