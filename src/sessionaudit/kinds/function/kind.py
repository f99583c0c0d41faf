"""Functions and procedures: their rules, and what the kind declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, beside
from sessionaudit.kinds.function import defaults, execution, ownership, parameters, planning, transforms
from sessionaudit.kinds.function.body import FORM, same_body
from sessionaudit.kinds.function.definition_text import condensed, key, spell
from sessionaudit.kinds.function.model import Function, entries, load, read, show
from sessionaudit.kinds.function.signature import signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Known

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef


MISSING = Rule(
    "SA601",
    "missing-function",
    Severity.ERROR,
    "A function of the contract does not exist.",
    "Every statement, trigger, policy and default that calls it fails (42883).",
    "The function {object} does not exist: whatever calls it fails (42883).",
)
FORBIDDEN = Rule(
    "SA603",
    "forbidden-function",
    Severity.WARNING,
    "A function that the contract declares absent exists.",
    "It was meant to be removed; it can still be called.",
    "The function {object} exists, and the contract declares it absent.",
)
DEFINITION = Rule(
    "SA604",
    "function-definition",
    Severity.WARNING,
    "The definition of a function differs from the contract.",
    "Its callers may get another result, or it may change other rows, or run slower.",
)
SECURITY = Rule(
    "SA605",
    "function-security",
    Severity.ERROR,
    "SECURITY DEFINER or INVOKER of a function differs from the contract.",
    "With SECURITY DEFINER it does what its caller is not allowed to do; without, it fails where it must "
    "bypass policies.",
    "The function {object} runs as {actual}, expected {expected}: its callers can do too much or too little.",
)
_QUALIFIER = re.compile(r'(?:\w+|"(?:[^"]|"")+")\.|("(?:[^"]|"")+")')  # or a whole name, which may hold a dot


def find(key: str, path: ObjectPath, present: Known[ObjectPath, Function], schema: str) -> ObjectPath | None:
    """The path of the function that a signature means whose types stand without the schema of an extension."""
    if signature(key, "pg_temp").path[2] == path[2]:
        return None  # every type has its schema
    found = [
        other
        for other, function in present.items()
        if other[:2] == path[:2] and signature(f"x{_bare(other[2], function)}", schema).path[2] == path[2]
    ]
    return found[0] if len(found) == 1 else None


def _bare(types: str, function: Function) -> str:
    """Types as a contract may write them."""
    for type_ in function.found_bare:
        bare = _without_schemas(type_).replace("\\", r"\\")
        types = re.sub(rf'(?<![\w."]){re.escape(type_)}(?![\w."])', bare, types)
    return types


def _without_schemas(types: str) -> str:
    return _QUALIFIER.sub(r"\1", types)


def same_returns(expected: Function, actual: Function) -> bool | None:
    """Whether the types are the same; None where only the server knows in which schema a bare name is found."""
    wanted = {expected.returns, expected.implied or expected.returns}
    if actual.returns in wanted or _bare(actual.returns, actual) in wanted:
        return True
    return None if expected.returns and expected.returns == _without_schemas(actual.returns) else False


def definition_message(ref: ObjectRef, _expected: Function, _actual: Function) -> str:
    """Say what may come of it."""
    return f"The function {ref.dotted} differs from the contract: its callers may get another result."


def _definition(
    facet: str,
    *fields: str,
    show_facet: Callable[[Function], str],
    same: Callable[[Function, Function], bool | None] | None = None,
    form: Form | None = None,
    verbatim: bool = False,
) -> Attribute[Function]:
    return Attribute(
        facet=facet,
        keys=("definition",),
        rule=DEFINITION,
        fields=fields,
        show=show_facet,
        same=same,
        message=definition_message,
        form=form,
        verbatim=verbatim,
    )


MISSING_EXECUTE = Rule(
    "SA611",
    "missing-execute",
    Severity.ERROR,
    "A role that the contract lets call a function has no EXECUTE on it.",
    "Its calls fail with “permission denied” (42501), and so does whatever calls the function on its behalf.",
    otherwise="A warning where PUBLIC has the privilege.",
)
EXCESS_EXECUTE = Rule(
    "SA612",
    "excess-execute",
    Severity.WARNING,
    "A role has EXECUTE on a function whose grants the contract lists without it.",
    "The role may call the function. PUBLIC, which is every role, has EXECUTE on every new function until that is "
    "revoked.",
)
PASSED_ON = Rule(
    "SA613",
    "execute-grant-option",
    Severity.WARNING,
    "A role may grant EXECUTE on a function to others (WITH GRANT OPTION).",
    "Roles that the contract does not name may get EXECUTE from this one.",
)

KIND = Kind(
    name="function",
    section="functions",
    classes=(
        "function",
        "procedure",
    ),
    identity=("schema", "name", "arguments"),
    model=Function,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=entries,
    read=read,
    load=load,
    find=find,
    show=show,
    spell=spell,
    condensed=condensed,
    key=key,
    missing=MISSING,
    forbidden=FORBIDDEN,
    harmful=(ownership.OVERLOAD, lambda function: function.rival),
    shapes_writes=True,
    needed_by_queries=True,
    attributes=(
        Attribute(
            facet="security",
            keys=("definition",),
            rule=SECURITY,
            fields=("security",),
            show=lambda function: f"security {function.security}",
        ),
        _definition(
            "returns",
            "returns",
            show_facet=lambda function: function.returns or function.implied or "nothing",
            same=same_returns,
            form=Form(text=lambda function: function.returns, wrap=None, sort=None),
        ),
        _definition("language", "language", show_facet=lambda function: function.language),
        _definition(
            "behaviour",
            "volatility",
            "strict",
            "leakproof",
            "parallel",
            show_facet=lambda function: (
                f"{function.volatility}{' strict' if function.strict else ''}"
                f"{' leakproof' if function.leakproof else ''} parallel {function.parallel}"
            ),
        ),
        _definition("settings", "settings", show_facet=lambda function: ", ".join(function.settings) or "none"),
        _definition(
            "body",
            "body",
            show_facet=lambda function: function.body.strip(),
            verbatim=True,
            same=same_body,
            form=FORM,
        ),
        ownership.EXECUTABLE,
        parameters.ATTRIBUTE,
        defaults.ATTRIBUTE,
        planning.ATTRIBUTE,
        transforms.ATTRIBUTE,
        ownership.ATTRIBUTE,
        *execution.attributes("function", MISSING_EXECUTE, EXCESS_EXECUTE, PASSED_ON),
    ),
    ignored=frozenset({"implied", "found_bare", "rival", "held"}),
    commands=("execute",),
    shape={
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["definition"],
                "properties": {
                    "definition": {"type": "string"},
                    "owner": {"type": "string"},
                    "grants": execution.SHAPE,
                },
            },
        ]
    },
)
