"""Images: built once, by what goes into them, with nothing secret in them."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from docker.errors import ImageNotFound

from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Sandbox
from pytest_metr.sandbox.docker import DockerProvider, labels
from pytest_metr.sandbox.docker.engine import Engine
from pytest_metr.sandbox.docker.images import Images, remove_images, unused_images
from pytest_metr.sandbox.docker.reaper import left_behind
from pytest_metr.types import Resources
from tests.conformance.providers import DOCKER_BASE
from tests.docker.conftest import SESSION

ROOT = Path(__file__).parents[2]
SECRET = f"secret-{uuid.uuid4().hex}"
ONE_OF_MANY = """
import sys
from pathlib import Path
from pytest_metr.sandbox.docker import DockerProvider

def build(sandbox):
    with open(sys.argv[3], "a") as file:
        file.write("built\\n")
    sandbox.write_file("/root/built", b"once")

with DockerProvider(base=sys.argv[1], cache_dir=Path(sys.argv[2])) as provider:
    print(provider.snapshot(sys.argv[4], build))
"""


@pytest.fixture
def key(engine: Engine, provider: DockerProvider) -> Iterator[str]:
    """The key of a family that nobody has built; its image is removed after the test."""
    made = f"tests-{uuid.uuid4().hex}"
    yield made
    try:
        engine.api.remove_image(provider.identify(made))
    except ImageNotFound:
        return


def everything(engine: Engine, image: str) -> bytes:
    """Return all that an image is made of: what is told of it, and the content of its layers."""
    told = repr((engine.api.inspect_image(image), engine.api.history(image))).encode()
    saved = io.BytesIO(b"".join(engine.api.get_image(image)))
    parts = [told]
    with tarfile.open(fileobj=saved) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            parts.append(file.read() if file is not None else b"")
    return b"\0".join(parts)


def test_what_install_was_told_is_in_no_layer_label_history_or_inspection(
    provider: DockerProvider, engine: Engine, key: str
) -> None:
    seen: list[Any] = []

    def build(sandbox: Sandbox) -> None:
        script = 'test "$TOKEN" = "$1" && echo installed > /root/installed'
        result = sandbox.exec(["sh", "-c", script, "sh", SECRET], user="root", env={"TOKEN": SECRET})
        assert result.ok
        sandbox.write_file("/root/.netrc", SECRET.encode())
        assert sandbox.exec(["rm", "/root/.netrc"], user="root").ok
        running = engine.api.containers(filters={"label": f"{labels.SESSION}={SESSION}"})
        seen.extend(engine.api.inspect_container(entry["Id"]) for entry in running)

    image = provider.snapshot(key, build)
    content = everything(engine, image)
    assert b"installed" in content  # that is, the layers have been looked into
    assert SECRET.encode() not in content
    assert seen
    assert SECRET not in repr(seen)
    environment = dict(pair.split("=", 1) for pair in engine.api.inspect_image(image)["Config"]["Env"])
    assert set(environment) == {
        pair.partition("=")[0] for pair in engine.api.inspect_image(DOCKER_BASE)["Config"].get("Env") or ()
    } | {"PATH"}


def test_however_many_processes_ask_at_once_a_family_is_built_once(
    provider: DockerProvider, key: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", ONE_OF_MANY, DOCKER_BASE, str(tmp_path / "cache"), str(log), key]
    asking = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(16)]
    answers = {process.communicate(timeout=300)[0].strip() for process in asking}
    assert answers == {provider.identify(key)}
    assert log.read_text() == "built\n"
    with provider.create(provider.identify(key), internet=False, resources=Resources(), label="x") as sandbox:
        assert sandbox.read_file("/root/built") == b"once"


def test_of_a_build_that_fails_nothing_is_kept(provider: DockerProvider, engine: Engine, key: str) -> None:
    def build(sandbox: Sandbox) -> None:
        raise ValueError("it fails")

    with pytest.raises(ValueError, match="it fails"):
        provider.snapshot(key, build)
    with pytest.raises(ImageNotFound):
        engine.api.inspect_image(provider.identify(key))
    assert not [leftover for leftover in left_behind(engine) if leftover.session == SESSION]


def test_an_image_says_what_it_is_and_is_named_by_all_that_went_into_it(
    provider: DockerProvider, engine: Engine, key: str, tmp_path: Path
) -> None:
    images = Images(engine, base=DOCKER_BASE, cache_dir=tmp_path)
    tag = provider.snapshot(key, lambda _: None)
    assert tag == images.identify(key) != images.identify(key + "x")
    told = engine.api.inspect_image(tag)["Config"]["Labels"]
    assert told[labels.IMAGE] == tag
    assert told[labels.KEY] == key
    assert told[labels.BASE] == images.base_id()
    assert told[labels.OWNER] == ""
    other = Images(engine, base=tag, cache_dir=tmp_path)
    assert other.identify(key) != tag


def test_a_base_image_that_cannot_be_had_is_told_with_the_cause(engine: Engine, tmp_path: Path) -> None:
    images = Images(engine, base="127.0.0.1:1/no/such:image", cache_dir=tmp_path)
    with pytest.raises(
        SandboxError, match=r"127\.0\.0\.1:1/no/such:image is not there and could not be pulled"
    ) as caught:
        images.machine()
    assert caught.value.cause == "image_missing"
    with closing(DockerProvider(base="127.0.0.1:1/no/such:image", cache_dir=tmp_path)) as provider:
        result = provider.probe()
    assert not result.works
    assert "--metr-docker-base" in (result.remedy or "")


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        ("usermod --login other agent", "user id 1000 to other"),
        ("rm $(command -v bash)", "bash"),
        ("ln -sf /bin/true $(readlink -f $(command -v python3)) && ln -sf /bin/false $(command -v python3)", "python3"),
    ],
)
def test_a_base_image_that_no_machine_can_be_made_of_is_told_what_it_lacks(
    provider: DockerProvider, engine: Engine, key: str, tmp_path: Path, spoil: str, what: str
) -> None:
    def build(sandbox: Sandbox) -> None:
        sandbox.exec(["sh", "-c", spoil], user="root")

    base = provider.snapshot(key, build)
    with pytest.raises(SandboxError, match=f"no machine could be made of .*{what}"):
        Images(engine, base=base, cache_dir=tmp_path).machine()


def test_an_image_without_containers_can_be_removed_and_one_with_them_not(
    provider: DockerProvider, engine: Engine, snapshot: str, key: str
) -> None:
    image = provider.snapshot(key, lambda _: None)
    machine = engine.api.inspect_image(image)["Config"]["Labels"][labels.MACHINE]
    with provider.create(image, internet=False, resources=Resources(), label="x"):
        assert not {image, machine} & set(unused_images(engine))
    assert image in unused_images(engine)


def test_removing_images_is_about_ours_alone(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    asked: list[str] = []
    monkeypatch.setattr(engine.api, "remove_image", asked.append)
    remove_images(engine)
    assert all(name.startswith(("pytest-metr/", "sha256:")) for name in asked)
    assert DOCKER_BASE not in asked
