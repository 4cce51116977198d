"""An export asks nobody on the network and leaves nothing in anybody's home; ``inspect view`` serves what it wrote."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.unit.inspect_log.sessions import CONVERSATION, plan, write_session, write_transcript
from tests.unit.report.records import make_record

#: Runs the command, and says on standard error which sockets were to be connected or names looked up.
WATCHED = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        print("network:", event, arguments[1:], file=sys.stderr)
sys.addaudithook(watch)
from pytest_metr.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A session of one run."""
    record = write_transcript(tmp_path / "s", make_record(plan(), score=0.75), CONVERSATION)
    return write_session(tmp_path / "s", record)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty home and a folder for temporary files."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "INSPECT_"))}
    return {**inherited, "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")}


def test_nothing_is_sent_and_nothing_is_left_elsewhere(tmp_path: Path, folder: Path, home: dict[str, str]) -> None:
    command = [sys.executable, "-c", WATCHED, "export", str(folder), "--to", "inspect", "-o", str(tmp_path / "logs")]
    done = subprocess.run(command, env=home, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((tmp_path / "logs").iterdir())) == 1
    assert list((tmp_path / "home").rglob("*")) == []
    assert list((tmp_path / "tmp").rglob("*")) == []


@pytest.fixture
def view(tmp_path: Path, folder: Path, home: dict[str, str]) -> Iterator[int]:
    """``inspect view`` on the logs of the session, by its port."""
    logs = str(tmp_path / "logs")
    exported = [sys.executable, "-m", "pytest_metr", "export", str(folder), "--to", "inspect", "-o", logs]
    subprocess.run(exported, check=True, capture_output=True, timeout=300)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    arguments = ["view", "start", "--log-dir", logs, "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-c", "from inspect_ai._cli.main import main; main()", *arguments]
    with subprocess.Popen(command, env=home, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as it:
        try:
            yield port
        finally:
            it.kill()


def get(port: int, path: str) -> bytes:
    """Return what the server answers, once it does."""
    end = time.monotonic() + 300
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.status == http.HTTPStatus.OK, (path, answer.status)
            return answer.read()
        except ConnectionRefusedError:
            assert time.monotonic() < end, "inspect view has not begun to serve"
            time.sleep(0.2)
        finally:
            connection.close()


def test_inspect_view_serves_the_logs(view: int) -> None:
    assert b"<html" in get(view, "/")
    [log] = json.loads(get(view, "/api/logs"))["files"]
    assert log["task"] == "adding"
    header = json.loads(get(view, f"/api/logs/{quote(log['name'], safe='')}"))
    assert header["eval"]["solver"] == "gpt"
    assert header["results"]["scores"][0]["metrics"]["overall_score"]["value"] == 0.75
    [sample] = header["samples"]
    assert sample["scores"]["score"]["value"] == 0.75
