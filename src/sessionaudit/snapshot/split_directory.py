"""Writes a contract that is split over files into a directory of its own: whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from typing import TYPE_CHECKING

from sessionaudit.contract.loader import outline
from sessionaudit.errors import UsageError
from sessionaudit.snapshot.splitting import MAIN, is_part

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

_MARK_WITHIN = 2000  # bytes at the beginning of a file
_HINT = "Choose another directory with --split."


def require_fit(folder: Path, *, overwrite: bool) -> None:
    """Refuse a directory that cannot be written or holds something else, before any work is done. Raises UsageError."""
    with _told(folder):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is no directory", hint=_HINT)
        if not os.access(folder if folder.exists() else folder.resolve().parent, os.W_OK):
            raise UsageError(f"cannot write {folder}", hint=_HINT)
        if folder.exists():
            _require_replaceable(folder, folder, overwrite=overwrite)


def _require_replaceable(place: Path, folder: Path, *, overwrite: bool) -> None:
    """Refuse what is in a place unless it may be replaced: the directory, or where its files were moved."""
    known = False
    for name in _files(place):
        known = True
        if not _is_ours(place, name):
            raise UsageError(
                f"{folder} holds {name}, which snapshot --split did not write, and stays as it is", hint=_HINT
            )
    if known and not overwrite:
        raise UsageError(
            f"{folder} holds a contract",
            hint=f"Replace it with --overwrite, or change only what differs: --update {folder / MAIN}.",
        )


def write(folder: Path, texts: dict[str, str], whole: str, *, overwrite: bool) -> None:
    """Write the files, the last of which is the main one, in place of those that stand there.

    `whole` is the same contract in one text, which the files are proven to say. Raises UsageError; then, and if the
    call is interrupted, the directory is as it was, or the error names where its files are.
    """
    begun = not folder.exists()
    with _told(folder):
        folder.mkdir(exist_ok=True)
        _require_replaceable(folder, folder, overwrite=overwrite)  # the database was read since it was looked at
        stage = folder / f".{secrets.token_hex(4)}.part"
        try:
            _stage(stage / "new", texts)
            _prove(stage / "new" / MAIN, whole)
            _exchange(folder, stage, overwrite=overwrite)
        except BaseException:
            _clear(folder, stage)
            raise
        else:
            shutil.rmtree(stage, ignore_errors=True)
        finally:
            if begun:
                with contextlib.suppress(OSError):  # it is not empty: all went well
                    folder.rmdir()


def _clear(folder: Path, stage: Path) -> None:
    """Remove what was staged, but for old files that are not back in their place. Raises UsageError if there are."""
    shutil.rmtree(stage / "new", ignore_errors=True)
    for emptied in (stage / "old", stage):
        with contextlib.suppress(OSError):
            emptied.rmdir()
    if (stage / "old").exists():
        raise UsageError(
            f"{folder} was replaced in part: what it held is in {stage / 'old'}",
            hint=f"Move that back to {folder}, in place of what has the same name there.",
        )


def _stage(new: Path, texts: dict[str, str]) -> None:
    new.mkdir(parents=True)
    (new.parent / "old").mkdir()
    for name, text in texts.items():
        file = new / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


def _prove(main: Path, whole: str) -> None:
    """Read the files as a contract, and compare it with the text from which they were made."""
    split, single = outline(main.read_text(encoding="utf-8"), str(main)), outline(whole, MAIN)
    for kind, entries in single.entries.items():
        found = {path: entry.node for path, entry in split.entries[kind].items()}
        if found != {path: entry.node for path, entry in entries.items()}:
            raise AssertionError(kind)
    if len(split.waivers) != len(single.waivers):
        raise AssertionError(split.waivers)


def _exchange(folder: Path, stage: Path, *, overwrite: bool) -> None:
    """Move the old files away and the new ones in: the main file goes first, and comes last.

    Only what was moved away is certain to be no longer added to, so it is looked at there.
    """
    old = sorted((one.name for one in os.scandir(folder) if one.name != stage.name), key=lambda name: name != MAIN)
    new = sorted((one.name for one in os.scandir(stage / "new")), key=lambda name: name == MAIN)
    done: list[tuple[Path, Path]] = []
    try:
        _move(old, folder, stage / "old", done)
        _require_replaceable(stage / "old", folder, overwrite=overwrite)
        _move(new, stage / "new", folder, done)
    except BaseException:
        for source, target in reversed(done):
            with contextlib.suppress(OSError):  # the others are moved back all the same
                if target.exists() and not source.exists():
                    target.rename(source)
        raise


def _move(names: list[str], here: Path, there: Path, done: list[tuple[Path, Path]]) -> None:
    for name in names:
        if (there / name).exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        done.append((here / name, there / name))
        (here / name).rename(there / name)


def _files(folder: Path) -> Iterator[str]:
    """The names of all that is in a directory, but for directories with something in them. Raises OSError."""

    def unread(error: OSError) -> None:  # without it, what cannot be read would pass for empty
        raise error

    for here, folders, names in os.walk(folder, onerror=unread):
        inner = os.path.relpath(here, folder)
        links = [one for one in folders if os.path.islink(os.path.join(here, one))]  # noqa: PTH114, PTH118 - names as os.walk has them
        if not folders and not names and inner != ".":
            yield inner
        for name in (*names, *links):
            yield os.path.normpath(os.path.join(inner, name))  # noqa: PTH118 - a Path keeps “..”


def _is_ours(folder: Path, name: str) -> bool:
    path = folder / name
    if not name.endswith(".yaml") or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return is_part(file.read(_MARK_WITHIN).decode(errors="replace"))


@contextlib.contextmanager
def _told(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}", hint=_HINT) from None
    except ValueError:  # a NUL
        raise UsageError(f"cannot write {str(folder)!r}", hint=_HINT) from None
