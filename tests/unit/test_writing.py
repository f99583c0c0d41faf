"""A file that a command writes stays what it was: a link, a device, a stream, a file of some rights."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sessionaudit.cli.terminal.stream import writing
from sessionaudit.errors import UsageError
from sessionaudit.writing import replace_file, require_writable

WRITE = "from pathlib import Path; from sessionaudit.writing import replace_file; replace_file(Path({!r}), 'new\\n')"


def streamed(output: Path, text: str) -> None:
    """Write a file piece by piece."""
    with writing(output) as write:
        for letter in text:
            write(letter)


Write = Callable[[Path, str], None]
# All that a command writes is written alike.
WRITERS = pytest.mark.parametrize("write", [replace_file, streamed])


@WRITERS
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o755])
def test_a_file_keeps_its_rights(write: Write, tmp_path: Path, mode: int) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(mode)
    write(file, "new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", mode)
    assert list(tmp_path.iterdir()) == [file]


def test_a_new_file_has_the_rights_that_the_user_gives_to_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "file", "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


@WRITERS
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to none yet"])
def test_a_link_stays_one(write: Write, tmp_path: Path, there: bool) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    if there:
        target.write_text("old")
        target.chmod(0o600)
    link.symlink_to("folder/target")
    require_writable(link)
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert not there or stat.S_IMODE(target.stat().st_mode) == 0o600


@WRITERS
def test_links_in_a_circle_are_refused(write: Write, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UsageError, match="cannot write"):
        write(tmp_path / "a", "new")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    os.chown(file, 12345, 12345)
    replace_file(file, "new")
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 12345)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/stderr"])
def test_a_stream_is_written_where_it_stands(tmp_path: Path, name: str) -> None:
    """Whoever has it open, and whatever is in it already: a redirection is no file to be replaced."""
    if not Path(name).exists():
        pytest.skip("this system has no such name")
    before = os.lstat(name).st_ino if name.startswith("/dev/std") else 0
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("ab") as stream:
        subprocess.run([sys.executable, "-c", WRITE.format(name)], stdout=stream, stderr=stream, check=True)
    assert log.read_text() == "before\nnew\n"
    assert not before or os.lstat(name).st_ino == before
    done = subprocess.run([sys.executable, "-c", WRITE.format(name)], capture_output=True, check=True)
    assert done.stdout + done.stderr == b"new\n"


@WRITERS
def test_a_device_stays_one(write: Write) -> None:
    write(Path("/dev/null"), "new")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116 - what it is, not what we think


@pytest.mark.parametrize("name", ["", "missing/file", "folder"])
def test_what_cannot_be_written_is_said_with_the_option_that_named_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    for check in (
        lambda: require_writable(tmp_path / name, "--before"),
        lambda: replace_file(tmp_path / name, "", "--before"),
    ):
        with pytest.raises(UsageError, match="cannot write") as refused:
            check()
        assert "--before" in refused.value.hint


@pytest.mark.parametrize("mode", [None, 0o600, 0o644])
def test_nobody_reads_a_draft_who_may_not_read_the_file(tmp_path: Path, mode: int | None) -> None:
    file = tmp_path / "file"
    if mode is not None:
        file.write_text("old")
        file.chmod(mode)
    before = os.umask(0o077)
    try:
        with writing(file) as write:
            write("new")
            (draft,) = set(tmp_path.iterdir()) - {file}
            assert stat.S_IMODE(draft.stat().st_mode) == (mode or 0o600)
    finally:
        os.umask(before)


def test_a_file_stays_as_it_was_where_its_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")

    def fail(end: type[BaseException]) -> None:
        with writing(file) as write:
            write("new")
            raise end

    for end in (ValueError, KeyboardInterrupt):
        with pytest.raises(end):
            fail(end)
        assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_to_a_stream_is_that_stream(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("ab") as stream:
        subprocess.run([sys.executable, "-c", WRITE.format(str(tmp_path / "link"))], stdout=stream, check=True)
    assert log.read_text() == "before\nnew\n"
