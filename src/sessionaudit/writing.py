"""Write files atomically, and keep their kind, place and permissions."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING

from sessionaudit import files
from sessionaudit.core.counting import counted
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path
    from typing import IO

    Write = Callable[[str], None]

_HINT = "Choose another file with {option}."
# Names of streams that are open already: opening such a name would write from its start, or fail.
_STREAM = r"/dev/(?:stdout|stderr|fd/(?P<fd>[0-9]+))|/proc/self/fd/(?P<proc>[0-9]+)"
_NAMED = {"/dev/stdout": 1, "/dev/stderr": 2}
_NEW = 0o666  # minus the umask
_MOST_LINKS = 40  # as many as Linux follows
_MOST_NAMED = 20
_LONGEST = 60  # characters of a file's name that the name of its draft contains
# Files that people write: migrations and repairs, contracts, code. Of these, a script of our own is replaced.
SOURCES = frozenset(
    ".sql .yaml .yml .toml .py .pyi .js .jsx .mjs .cjs .ts .tsx .mts .cts .vue .svelte .astro .prisma .sh".split()
)
# Compiled when first used: few calls write to a file.
_COMMENT = rb"(?:--[^\n]*\n)+"  # at the beginning of a script
_MADE = rb"made[\s-]+by[\s-]+sessionaudit\s"  # perhaps on two lines
_MOST_HEAD = 4000  # bytes of a file in which that is looked for


def require_writable(output: Path | None, option: str = "--output") -> None:
    """Refuse a file that cannot be written, before any work is done. Raises UsageError."""
    if output is None or stream_of(output) is not None:
        return
    target = _target(output, option)
    folder = target.parent
    if _is_special(target):
        return
    with _told(output, option):
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def require_replaceable(output: Path | None, option: str = "--output") -> None:
    """Refuse to replace a file that this call has read, or that people write, by its name. Raises UsageError."""
    if output is None or stream_of(output) is not None:
        return
    require_unread(output, option)
    target = _target(output, option)
    if target.suffix.lower() not in SOURCES or not target.is_file():
        return
    with _told(output, option), target.open("rb") as file:
        head = file.read(_MOST_HEAD)
    comment = re.match(_COMMENT, head)
    if head.strip() and not (target.suffix.lower() == ".sql" and comment and re.search(_MADE, comment[0])):
        raise UsageError(
            f"{option} would replace {output}, which is no script that sessionaudit made",
            hint="Name another file, or remove this one first.",
        )


def require_unread(output: Path, option: str = "--output") -> None:
    """Refuse to replace a file that this call has read: a migration, a source file, a part of the contract.

    Raises UsageError.
    """
    if stream_of(output) is None and files.was_read(output):
        raise UsageError(f"{option} would replace {output}, which this call reads", hint="Name another file.")


def require_apart(outputs: Mapping[str, Path | None]) -> None:
    """Refuse options that name the same file, which cannot have both contents. Raises UsageError."""
    taken: dict[Path, str] = {}
    for option, output in outputs.items():
        if output is None or stream_of(output) is not None or _is_special(target := _target(output, option)):
            continue
        if target in taken:
            raise UsageError(f"{taken[target]} and {option} both name {output}", hint="Name a file for each.")
        taken[target] = option


def require_new(output: Path | None, hint: str) -> None:
    """Refuse a file that exists, before any work is done; `hint` says what else could be meant. Raises UsageError."""
    if output is not None and stream_of(output) is None and output.is_file():
        raise UsageError(f"{output} exists", hint=hint)


def replace_file(output: Path, text: str, option: str = "--output") -> None:
    """Write a file as `drafted` does. Raises UsageError."""
    with drafted(output, option) as write:
        write(text)


def replace_files(texts: Mapping[Path, str], option: str = "--output") -> None:
    """Replace regular files, or none if one cannot be written: all drafts are complete before one takes its place.

    A file keeps what it keeps with `drafted`. Raises UsageError, which names what was replaced if a draft cannot take
    its place, or the user interrupts just then.
    """
    drafts: dict[Path, tuple[Path, Path]] = {}  # by their names: the drafts, and what they replace
    begun: list[Path] = []
    try:
        for file, text in texts.items():
            with _told(file, option):
                target = _target(file, option)
                drafts[file] = (_draft_of(target), target)
                with _begun(*drafts[file]) as opened:
                    _write(opened, text)
        for file, (draft, target) in drafts.items():
            begun.append(file)
            with _told(file, option):
                draft.replace(target)
    except BaseException as error:
        replaced = [file for file in begun if not drafts[file][0].exists()]
        if not replaced:
            raise
        why = error.message if isinstance(error, UsageError) else "interrupted"
        names = ", ".join(str(file) for file in replaced[:_MOST_NAMED])
        more = f" and {counted(len(replaced) - _MOST_NAMED, 'more file')}" if len(replaced) > _MOST_NAMED else ""
        raise UsageError(
            f"{why}; of {counted(len(texts), 'file')}, these are replaced already: {names}{more}",
            hint="Run the command again: it changes what still differs.",
        ) from error
    finally:
        for draft, _ in drafts.values():
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)


@contextlib.contextmanager
def drafted(output: Path, option: str = "--output") -> Generator[Write]:
    """Yield a function that writes a file atomically: if the block fails, the old file stays.

    A link stays a link, and its target is written; a device, a pipe or a stream of this process is written directly; an
    existing file keeps its permissions and its owner. Raises UsageError; `option` is the option that named the file.
    """
    with _told(output, option), _opened(output, option) as file:
        yield lambda text: _write(file, text)


@contextlib.contextmanager
def _told(output: Path, option: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", hint=_HINT.format(option=option)) from None


def _write(file: IO[bytes], text: str) -> None:
    file.write(text.encode("utf-8", errors="backslashreplace"))


@contextlib.contextmanager
def _opened(output: Path, option: str) -> Generator[IO[bytes]]:
    number = stream_of(output)
    if number is not None:
        with os.fdopen(os.dup(number), "wb") as stream:
            yield stream
        return
    target = _target(output, option)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if _is_special(target):
        with target.open("wb") as device:
            yield device
        return
    draft = _draft_of(target)
    try:
        with _begun(draft, target) as file:
            yield file
        draft.replace(target)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _draft_of(target: Path) -> Path:
    return target.with_name(f".{target.name[:_LONGEST]}.{secrets.token_hex(4)}.part")


def _begun(draft: Path, target: Path) -> IO[bytes]:
    """Create a new file with the permissions of the one that it replaces; others cannot read it before that."""
    before = target.stat() if target.exists() else None
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW if before is None else 0o600)
    file = os.fdopen(number, "wb")
    if before is not None:
        try:
            _own(number, before)
            os.fchmod(number, stat.S_IMODE(before.st_mode))
        except OSError:
            file.close()
            raise
    return file


def _own(number: int, before: os.stat_result) -> None:
    """Restore a file's owner and group as far as permitted: only root can change the owner."""
    for owner in (before.st_uid, -1):
        with contextlib.suppress(OSError):
            os.fchown(number, owner, before.st_gid)
            return


def stream_of(output: Path) -> int | None:
    """Return the number of the stream that a path names, perhaps by a link."""
    path = os.path.abspath(output)  # noqa: PTH100 - as it is written, with no link followed
    for _ in range(_MOST_LINKS):
        if match := re.fullmatch(_STREAM, path):
            number = match["fd"] or match["proc"]
            return int(number) if number else _NAMED[path]
        try:
            path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))  # noqa: PTH115, PTH118, PTH120 - the same
        except (OSError, ValueError):  # no link
            return None
    return None


def _target(output: Path, option: str) -> Path:
    """Resolve a path. Raises UsageError."""
    try:
        return output.resolve()
    except (OSError, RuntimeError, ValueError):  # a cycle of links; a NUL
        raise UsageError(f"cannot write {str(output)!r}", hint=_HINT.format(option=option)) from None


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()
