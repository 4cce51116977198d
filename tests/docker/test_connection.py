"""Engines that are elsewhere: over TCP, with TLS, by a context of Docker's command line."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.docker import DockerProvider
from pytest_metr.sandbox.docker.engine import connect
from pytest_metr.types import Resources
from tests.conformance.providers import DOCKER_BASE

SOCKET = "/var/run/docker.sock"
pytestmark = [
    pytest.mark.skipif("DOCKER_HOST" in os.environ, reason="DOCKER_HOST names an engine that is not on this machine"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make certificates with"),
]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as ``DOCKER_CERT_PATH`` is: ``ca.pem``, ``cert.pem``, ``key.pem``, for the server as well."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)

    new = ("req", "-newkey", "rsa:2048", "-nodes")
    openssl(*new, "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca-key.pem", "-out", "ca.pem")
    openssl(*new, "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    signing = ("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial")
    openssl(*signing, "-days", "2", "-extfile", "names", "-out", "cert.pem")
    return folder


@pytest.fixture
def address(certificates: Path, provider: DockerProvider) -> Iterator[str]:
    """A port at which the engine answers to whoever has a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, context), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_forward, args=(client, context), daemon=True).start()


def _forward(client: socket.socket, context: ssl.SSLContext) -> None:
    # A client without a certificate is sent away; one that leaves ends the connection to the engine, and the reverse.
    with (
        suppress(OSError),
        context.wrap_socket(client, server_side=True) as outer,
        socket.socket(socket.AF_UNIX) as engine,
    ):
        engine.connect(SOCKET)
        while True:
            ready = [outer] if outer.pending() else select.select([outer, engine], [], [])[0]
            for source in ready:
                data = source.recv(1 << 16)
                if not data:
                    return
                (engine if source is outer else outer).sendall(data)


def work(provider: DockerProvider) -> None:
    """See that a sandbox does what is needed of it, with more data than a connection takes at once."""
    image = provider.snapshot("bare", lambda _: None)
    data = os.urandom(1 << 20)
    with provider.create(image, internet=False, resources=Resources(), label="far") as sandbox:
        sandbox.write_file("/root/data", data)
        assert sandbox.read_file("/root/data") == data
        assert sandbox.exec(["cat"], stdin=b"in and out").out == "in and out"
        assert sandbox.exec(["sleep", "60"], timeout=0.5).timed_out


def test_an_engine_behind_tls_does_all_that_a_near_one_does(
    address: str, certificates: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    with DockerProvider(base=DOCKER_BASE, cache_dir=tmp_path) as far:
        work(far)


def test_an_engine_behind_tls_does_not_answer_whoever_has_no_certificate(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(SandboxError, match="no engine answers") as caught:
        connect()
    assert caught.value.cause == "daemon"


@pytest.mark.parametrize("by", ["configuration", "variable"])
def test_the_context_in_use_names_the_engine(
    address: str, certificates: Path, by: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = sha256(b"far").hexdigest()
    meta, tls = tmp_path / "contexts" / "meta" / name, tmp_path / "contexts" / "tls" / name / "docker"
    meta.mkdir(parents=True)
    tls.mkdir(parents=True)
    endpoint = {"Host": address, "SkipTLSVerify": False}
    document = {"Name": "far", "Metadata": {}, "Endpoints": {"docker": endpoint}}
    (meta / "meta.json").write_text(json.dumps(document))
    for file in ("ca.pem", "cert.pem", "key.pem"):
        shutil.copy(certificates / file, tls)
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "far"} if by == "configuration" else {}))
    if by == "variable":
        monkeypatch.setenv("DOCKER_CONTEXT", "far")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with closing(connect()) as engine:
        assert engine.api.base_url == address.replace("tcp://", "https://")
        assert engine.facts.version


def test_a_context_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with pytest.raises(SandboxError, match="there is no Docker context nowhere"):
        connect()
