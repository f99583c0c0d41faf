"""What a reader finds in source code, as short texts that a test can state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Choice, CodeValue, Fate, Items, Known, Unknown
from sessionaudit.audits.code.readers.typescript.reader import read

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import CodeFile, CodeRequest, Modifier


class Tree:
    """The files of a project, by path."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = {Path(path): text.encode() for path, text in files.items()}

    def text(self, path: Path) -> bytes | None:
        return self._files.get(path)


def read_text(text: str, files: dict[str, str] | None = None, name: str = "app/page.ts") -> CodeFile:
    """What is found in the text of a file; `files` are others of the project."""
    return read(Path(name), name, text.encode(), Tree(files or {}))


def value(one: CodeValue | None) -> str:
    """`'text'`, `(a | b)`, `[a, …]`, `{field, optional?: value, …reason}` and `?REASON`."""
    if one is None:
        return ""
    if isinstance(one, Known):
        return repr(one.value)
    if isinstance(one, Unknown):
        return "?" + (f"({' '.join(map(value, one.parts))})" if one.parts else one.why.name.lower())
    if isinstance(one, Choice):
        return f"({' | '.join(map(value, one.values))})"
    if isinstance(one, Items):
        return f"[{', '.join([*map(value, one.values), *(['…'] if one.open else [])])}]"
    fields = [f"{field.name}{'?' if field.optional else ''}: {value(field.value)}" for field in one.fields]
    return f"{{{', '.join([*fields, *([f'…{one.why.name.lower()}'] if one.open and one.why else [])])}}}"


def modifier(one: Modifier) -> str:
    """`eq('id', 1)`, with `?` before the bracket where it is called in some runs only."""
    return f"{one.name}{'?' if one.optional else ''}({', '.join(map(value, one.arguments))})"


def request(one: CodeRequest) -> str:
    """`client: action schema.target payload returning columns with options .modifiers -> fate`."""
    target = value(one.target).strip("'") if isinstance(one.target, Known) else value(one.target)
    if one.schema is not None:
        target = f"{value(one.schema)}.{target}"
    said = [f"{one.client.name}: {one.action.value} {target}"]
    if one.action.value == "select":
        said.append(value(one.columns))
    else:
        said.append(value(one.payload))
        if one.returns:
            said.append(f"returning {value(one.columns)}".rstrip())
    if one.options is not None:
        said.append(f"with {value(one.options)}")
    said += [f".{modifier(each)}" for each in one.modifiers]
    if one.fate is not Fate.UNKNOWN:
        said.append(f"-> {one.fate.value}")
    return " ".join(part for part in said if part)


def requests(text: str, files: dict[str, str] | None = None, name: str = "app/page.ts") -> list[str]:
    """The requests of a text, in order."""
    return [request(one) for one in read_text(text, files, name).requests]
