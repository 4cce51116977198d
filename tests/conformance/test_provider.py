"""Snapshots, the life of sandboxes, and what a provider says about itself."""

from __future__ import annotations

import itertools
import uuid

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Provider, Sandbox
from pytest_metr.types import Gpu, Resources
from tests.conformance.conftest import Maker

#: Keys of snapshots that no test has built before: an engine keeps its images.
_KEYS = (f"{uuid.uuid4()}-{number}" for number in itertools.count())


def test_the_name_is_in_the_record_of_every_sandbox(provider: Provider, shared: Sandbox, snapshot: str) -> None:
    assert shared.info.provider == provider.name
    assert shared.info.image == snapshot
    assert shared.info.versions


def test_a_probe_says_what_works(provider: Provider) -> None:
    result = provider.probe()
    assert (result.provider, result.works, result.remedy) == (provider.name, True, None)
    assert result.detail


def test_a_task_that_asks_for_nothing_is_not_refused(provider: Provider) -> None:
    assert provider.refusal(Resources(), ()) is None


def test_gpus_are_refused_by_name(provider: Provider) -> None:
    reason = provider.refusal(Resources(gpu=Gpu(count_min=1, count_max=None)), ())
    assert reason is not None
    assert "gpu" in reason


def test_a_snapshot_keeps_what_its_build_has_made(provider: Provider, make: Maker) -> None:
    def build(sandbox: Sandbox) -> None:
        sandbox.write_file("/root/installed", b"yes", mode=0o600)
        sandbox.write_file("/opt/tool", b"tool", mode=0o755)
        sandbox.write_file("/home/agent/readme", b"hello")

    sandbox = make(of=provider.snapshot(next(_KEYS), build))
    assert sandbox.read_file("/root/installed") == b"yes"
    assert sandbox.read_file("/home/agent/readme", user="agent") == b"hello"
    assert sandbox.exec(["stat", "-c", "%a", "/opt/tool"]).out == "755\n"
    assert sandbox.exec(["stat", "-c", "%a", "/root/installed"], user="root").out == "600\n"


def test_a_snapshot_is_built_once(provider: Provider) -> None:
    built: list[Sandbox] = []
    key = next(_KEYS)
    first = provider.snapshot(key, built.append)
    assert provider.snapshot(key, built.append) == first
    assert len(built) == 1
    assert provider.snapshot(next(_KEYS), built.append) != first


def test_temporary_files_are_not_kept_in_a_snapshot(provider: Provider, make: Maker) -> None:
    snapshot = provider.snapshot(next(_KEYS), lambda sandbox: sandbox.write_file("/tmp/sub/left", b""))
    assert make(of=snapshot).exec(["ls", "-A", "/tmp"]).out == ""


def test_a_build_that_fails_keeps_nothing_and_its_error_goes_on(provider: Provider, make: Maker) -> None:
    def fail(sandbox: Sandbox) -> None:
        sandbox.write_file("/root/half", b"")
        raise RuntimeError("install failed")

    key = next(_KEYS)
    with pytest.raises(RuntimeError, match="install failed"):
        provider.snapshot(key, fail)
    snapshot = provider.snapshot(key, lambda sandbox: sandbox.write_file("/root/whole", b""))
    assert "half" not in make(of=snapshot).exec(["ls", "-A", "/root"], user="root").out


def test_a_snapshot_that_does_not_exist_is_an_error_of_the_sandbox(make: Maker) -> None:
    with pytest.raises(SandboxError, match=r"no (snapshot|image) '?nothing"):
        make(of="nothing")


def test_sandboxes_of_one_snapshot_do_not_see_each_other(make: Maker) -> None:
    one, other = make(), make()
    one.write_file("/home/agent/mine", b"1", user="agent")
    one.write_file("/tmp/mine", b"1")
    with pytest.raises(FileNotFoundError):
        other.read_file("/home/agent/mine", user="agent")
    with pytest.raises(FileNotFoundError):
        other.read_file("/tmp/mine")
    with pytest.raises(FileNotFoundError):
        make().read_file("/tmp/mine")


def test_closing_twice_is_no_error(make: Maker) -> None:
    sandbox = make()
    sandbox.close()
    sandbox.close()


def test_a_sandbox_is_closed_when_its_with_block_is_left(make: Maker) -> None:
    with make() as sandbox:
        assert sandbox.exec(["true"]).ok
    with pytest.raises(SandboxError):
        sandbox.exec(["true"])


def test_every_call_to_a_closed_sandbox_is_an_error_of_the_sandbox(make: Maker) -> None:
    sandbox = make()
    sandbox.close()
    for user in ("root", "agent"):
        with pytest.raises(SandboxError):
            sandbox.exec(["true"], user=user)
    with pytest.raises(SandboxError):
        sandbox.read_file("/tmp/x")
    with pytest.raises(SandboxError):
        sandbox.write_file("/tmp/x", b"")


def test_killing_an_agent_that_has_not_begun_is_no_error(make: Maker) -> None:
    sandbox = make()
    sandbox.kill_agent()
    assert sandbox.exec(["true"]).ok


def test_the_agents_files_outlive_its_processes(make: Maker) -> None:
    sandbox = make()
    sandbox.write_file("/home/agent/work", b"done", user="agent")
    sandbox.write_file("/tmp/work", b"done", user="agent")
    sandbox.kill_agent()
    assert sandbox.exec(["cat", "/home/agent/work", "/tmp/work"]).out == "donedone"


def test_the_machine_has_what_the_task_standard_says(shared: Sandbox) -> None:
    assert shared.read_file("/protected/score.log") == b"timestamp,score,message,details\n"
    for path, mode in (("/protected/score.log", "620"), ("/protected", "750"), ("/root", "700"), ("/tmp", "1777")):
        assert shared.exec(["stat", "-c", "%a", path], user="root").out.strip() == mode


def test_changing_the_owner_of_a_file_succeeds(shared: Sandbox) -> None:
    assert shared.exec(["chown", "-R", "agent:agent", "/home/agent"], user="root").ok
