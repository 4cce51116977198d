"""What the errors of engines, and of the way to them, are told as."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import docker
import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.docker.engine import Engine, cause_of, connect, explained


class Handler(BaseHTTPRequestHandler):
    """Answers every request with the status and the message that the server was given."""

    def do_POST(self) -> None:
        status, message = self.server.answer  # type: ignore[attr-defined]
        body = json.dumps({"message": message}).encode()
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "message", "cause"),
    [
        (404, "No such container: 123", "container_removed"),
        (409, "removal of container 123 is already in progress", "container_removed"),
        (404, "No such image: some:image", "image_missing"),
        (500, "mkdir /var/lib/docker/overlay2/1: no space left on device", "disk_full"),
        (500, "write /x: disk quota exceeded", "disk_full"),
        (400, "OCI runtime create failed: exec: 'nothing': executable file not found in $PATH", "exec"),
        (500, "OCI runtime create failed: fork/exec: cannot allocate memory", "out_of_memory"),
        (503, "starting up", "daemon"),
        (404, "network 123 not found", "sandbox"),
        (500, "something else", "sandbox"),
    ],
)
def test_an_answer_has_its_cause_and_is_told_with_what_was_done(
    server: HTTPServer, status: int, message: str, cause: str
) -> None:
    server.answer = (status, message)  # type: ignore[attr-defined]
    engine = Engine(docker.APIClient(base_url=f"tcp://127.0.0.1:{server.server_port}", version="1.41"))
    with pytest.raises(SandboxError) as caught, explained("a container could not be started"):
        engine.api.start("123")
    engine.close()
    assert (caught.value.cause, str(caught.value)) == (cause, f"a container could not be started: {message}")


def told(monkeypatch: pytest.MonkeyPatch, host: str, timeout: float = 10) -> str:
    """Return what is said of an engine to which there is no way."""
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(SandboxError, match=r"^no engine answers: ") as caught:
        connect(timeout=timeout)
    assert caught.value.cause == "daemon"
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_of_an_engine_that_does_not_answer_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no such socket" in told(monkeypatch, "unix:///no/such.sock")
    assert "nobody listens there" in told(monkeypatch, "tcp://127.0.0.1:1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "did not answer in time" in told(monkeypatch, f"tcp://127.0.0.1:{silent.getsockname()[1]}", 0.2)


def test_what_is_no_address_of_an_engine_is_told_in_the_words_of_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "bogus" in told(monkeypatch, "bogus://")


def test_what_is_not_the_engines_error_is_not_touched() -> None:
    with pytest.raises(ZeroDivisionError), explained("nothing could be done"):
        raise ZeroDivisionError
    with pytest.raises(SandboxError, match=r"^as it was$"), explained("nothing could be done"):
        raise SandboxError("as it was")


def test_a_build_tells_its_cause_in_text_alone() -> None:
    assert cause_of("write /x: no space left on device") == "disk_full"
    assert cause_of("The command '/bin/sh' returned a non-zero code: 1") == "sandbox"
