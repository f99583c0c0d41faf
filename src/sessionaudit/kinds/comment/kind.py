"""Comments: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.comment.about import about
from sessionaudit.kinds.comment.model import Comment, entries, load, read, spell
from sessionaudit.kinds.comment.target import path_of

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

_WAIVED = "what follows COMMENT ON, such as column public.orders.status"
_WHY = (
    "Whoever reads the schema is not told what the object is for; PostgREST and other tools show comments to their "
    "users."
)
MISSING = Rule(
    "SA801",
    "missing-comment",
    Severity.NOTE,
    "An object has no comment, and the contract states one.",
    _WHY,
    object=_WAIVED,
)
FORBIDDEN = Rule(
    "SA802",
    "forbidden-comment",
    Severity.NOTE,
    "An object has a comment, and the contract declares it absent.",
    "It was meant to be removed; it may say what is no longer true.",
    object=_WAIVED,
)
TEXT = Rule(
    "SA803",
    "comment-text",
    Severity.NOTE,
    "The text of a comment differs from the contract.",
    "Whoever reads the schema is told something else than the contract states.",
    "The comment on {object} differs from the contract.",
    object=_WAIVED,
)


def lacking(ref: ObjectRef, _comment: Comment) -> str:
    """Say that there is none, perhaps for want of the object."""
    return f"There is no comment on {ref.dotted}."


KIND = Kind(
    name="comment",
    section="comments",
    identity=("object",),
    model=Comment,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=entries,
    respell=lambda path: path_of(path[0], "pg_catalog"),
    read=read,
    load=load,
    show=lambda comment: comment.text,
    spell=spell,
    missing=MISSING,
    lacking=lacking,
    forbidden=FORBIDDEN,
    forbid=lambda ref, _comment: f"There is a comment on {ref.dotted}, and the contract declares it absent.",
    attributes=(
        Attribute(facet="text", rule=TEXT, fields=("text",), show=lambda comment: comment.text, verbatim=True),
    ),
    verbatim=True,
    borrowed=True,
    aside=True,
    about=about,
    shape={
        "oneOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["text"],
                "properties": {"text": {"type": "string", "minLength": 1}},
            },
        ]
    },
)
