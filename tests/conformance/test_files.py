"""Reading and writing files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.interfaces import Sandbox
from pytest_metr.types import User

HOMES: dict[User, str] = {"root": "/root", "agent": "/home/agent"}


def mode_of(sandbox: Sandbox, path: str) -> str:
    return sandbox.exec(["stat", "-c", "%a", path], user="root").out.strip()


def kind_of(sandbox: Sandbox, path: str) -> str:
    return sandbox.exec(["stat", "-c", "%F", path], user="root").out.strip()


@pytest.mark.parametrize("user", ["root", "agent"])
@pytest.mark.parametrize("data", [b"", b"text\n", bytes(range(256)) * 5000])
def test_what_is_written_is_read_again(shared: Sandbox, user: User, data: bytes) -> None:
    path = f"{HOMES[user]}/file"
    shared.write_file(path, data, user=user)
    assert shared.read_file(path, user=user) == data
    assert shared.exec(["cat", path], user=user, output_limit=len(data)).stdout == data


def test_a_file_written_has_its_mode(shared: Sandbox) -> None:
    shared.write_file("/root/plain", b"")
    shared.write_file("/root/script", b"#!/bin/sh\n", mode=0o750)
    assert mode_of(shared, "/root/plain") == "644"
    assert mode_of(shared, "/root/script") == "750"


def test_missing_parent_folders_are_made(shared: Sandbox) -> None:
    shared.write_file("/home/agent/a/b/c.txt", b"deep", user="agent")
    assert shared.exec(["cat", "a/b/c.txt"]).out == "deep"


def test_an_existing_file_is_replaced_whole(shared: Sandbox) -> None:
    shared.write_file("/root/twice", b"a much longer text", mode=0o600)
    shared.write_file("/root/twice", b"short")
    assert shared.read_file("/root/twice") == b"short"
    assert mode_of(shared, "/root/twice") == "644"


def test_a_relative_path_starts_at_the_home(shared: Sandbox) -> None:
    shared.write_file("relative.txt", b"here", user="agent")
    assert shared.read_file("/home/agent/relative.txt", user="agent") == b"here"
    assert shared.read_file("relative.txt", user="agent") == b"here"


@pytest.mark.parametrize("user", ["root", "agent"])
def test_a_file_that_is_not_there_is_not_found(shared: Sandbox, user: User) -> None:
    for path in ("/tmp/nothing", "/no/such/folder/file"):
        with pytest.raises(FileNotFoundError):
            shared.read_file(path, user=user)


def test_a_file_below_a_file_is_not_found(shared: Sandbox) -> None:
    shared.write_file("/tmp/plain", b"")
    with pytest.raises(FileNotFoundError):
        shared.read_file("/tmp/plain/below")


def test_a_folder_is_no_regular_file(shared: Sandbox) -> None:
    with pytest.raises(ValueError, match="regular file"):
        shared.read_file("/tmp")


def test_a_fifo_is_no_regular_file_and_never_blocks(shared: Sandbox) -> None:
    shared.exec(["mkfifo", "/home/agent/pipe"])
    for user in ("root", "agent"):
        with pytest.raises(ValueError, match="regular file"):
            shared.read_file("/home/agent/pipe", user=user)


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_not(shared: Sandbox) -> None:
    shared.write_file("/tmp/ten", b"0123456789")
    assert shared.read_file("/tmp/ten", limit=10) == b"0123456789"
    with pytest.raises(ValueError, match="larger than 9 bytes"):
        shared.read_file("/tmp/ten", limit=9)


def test_links_are_followed_in_reading(shared: Sandbox) -> None:
    shared.write_file("/tmp/target", b"by way of a link")
    shared.exec(["ln", "-s", "/tmp/target", "/home/agent/link"])
    assert shared.read_file("/home/agent/link", user="agent") == b"by way of a link"


def test_a_link_that_leads_round_in_a_circle_is_not_found(shared: Sandbox) -> None:
    shared.exec(["ln", "-s", "circle", "/home/agent/circle"])
    with pytest.raises(FileNotFoundError):
        shared.read_file("/home/agent/circle", user="agent")


def test_an_agents_link_does_not_open_what_is_hidden(shared: Sandbox) -> None:
    shared.write_file("/root/secret", b"sesame")
    shared.exec(["ln", "-s", "/root/secret", "/home/agent/trap"])
    for path in ("/home/agent/trap", "/root/secret", "/root/no-secret"):
        with pytest.raises(PermissionError):
            shared.read_file(path, user="agent")


def test_writing_replaces_a_link_and_not_its_target(shared: Sandbox) -> None:
    shared.write_file("/root/target", b"untouched")
    shared.exec(["ln", "-s", "/root/target", "/home/agent/submission"])
    shared.write_file("/home/agent/submission", b"new")
    assert shared.read_file("/root/target") == b"untouched"
    assert shared.read_file("/home/agent/submission") == b"new"
    assert kind_of(shared, "/home/agent/submission") == "regular file"


def test_writing_replaces_a_fifo_and_does_not_block(shared: Sandbox) -> None:
    shared.exec(["mkfifo", "/home/agent/trap.fifo"])
    shared.write_file("/home/agent/trap.fifo", b"new", user="agent")
    assert shared.read_file("/home/agent/trap.fifo", user="agent") == b"new"


def test_a_folder_is_not_replaced_by_a_file(shared: Sandbox) -> None:
    shared.exec(["mkdir", "-p", "/home/agent/folder"])
    with pytest.raises(OSError, match="folder"):
        shared.write_file("/home/agent/folder", b"", user="agent")
    assert kind_of(shared, "/home/agent/folder") == "directory"


@pytest.mark.parametrize("path", ["/root/file", "/protected/score.log", "/etc/passwd", "/usr/bin/new"])
def test_the_agent_cannot_write_where_root_lives(shared: Sandbox, path: str) -> None:
    with pytest.raises(OSError, match=path):
        shared.write_file(path, b"mine", user="agent")


def test_a_tree_is_copied_with_links_modes_and_bytes(shared: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "assets" / "deep").mkdir(parents=True)
    (tmp_path / "assets" / "deep" / "data.bin").write_bytes(bytes(range(256)) * 4096)
    (tmp_path / "run.sh").write_text("#!/bin/sh\necho ran\n", encoding="utf-8")
    (tmp_path / "run.sh").chmod(0o777)
    (tmp_path / "empty").mkdir()
    (tmp_path / "ü name").write_text("", encoding="utf-8")
    (tmp_path / "here").symlink_to("assets/deep/data.bin")
    (tmp_path / "nowhere").symlink_to("/no/such/target")
    (tmp_path / "folder-link").symlink_to("assets")
    shared.put_tree(tmp_path, "/root/new/tree")
    assert shared.read_file("/root/new/tree/assets/deep/data.bin") == bytes(range(256)) * 4096
    assert shared.read_file("/root/new/tree/here") == bytes(range(256)) * 4096
    assert mode_of(shared, "/root/new/tree/run.sh") == "755"
    assert kind_of(shared, "/root/new/tree/nowhere") == "symbolic link"
    assert kind_of(shared, "/root/new/tree/folder-link") == "symbolic link"
    names = shared.exec(["ls", "-A", "/root/new/tree"], user="root").out.splitlines()
    assert sorted(names) == sorted(["assets", "empty", "folder-link", "here", "nowhere", "run.sh", "ü name"])


def test_a_tree_can_leave_out_entries_of_its_top_and_such_that_are_anywhere(shared: Sandbox, tmp_path: Path) -> None:
    for name in ("solution", "kept"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "solution").write_text(name, encoding="utf-8")
        (tmp_path / name / "__pycache__").mkdir()
    shared.put_tree(tmp_path, "/root/excluding", exclude=["solution", ".git"], skip=["__pycache__"])
    assert shared.exec(["ls", "-A", "/root/excluding"], user="root").out == "kept\n"
    assert shared.exec(["ls", "-A", "/root/excluding/kept"], user="root").out == "solution\n"


def test_a_tree_goes_over_one_that_is_there(shared: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("new", encoding="utf-8")
    shared.write_file("/home/agent/over/file", b"old", user="agent")
    shared.write_file("/home/agent/over/other", b"stays", user="agent")
    shared.put_tree(tmp_path, "/home/agent/over", user="agent")
    assert shared.read_file("/home/agent/over/file", user="agent") == b"new"
    assert shared.read_file("/home/agent/over/other", user="agent") == b"stays"


def test_a_tree_that_is_not_there_is_an_error_of_the_caller(shared: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        shared.put_tree(tmp_path / "missing", "/root/missing")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(NotADirectoryError):
        shared.put_tree(tmp_path / "file", "/root/missing")
