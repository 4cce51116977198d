"""A world in memory for tests of what uses sandboxes."""

from pytest_metr.sandbox.fake.files import Files, Node
from pytest_metr.sandbox.fake.forward import FakeForward
from pytest_metr.sandbox.fake.process import Answers, FakeProcess
from pytest_metr.sandbox.fake.programs import Call, Done, Program
from pytest_metr.sandbox.fake.provider import FakeProvider
from pytest_metr.sandbox.fake.sandbox import FakeSandbox

__all__ = [
    "Answers",
    "Call",
    "Done",
    "FakeForward",
    "FakeProcess",
    "FakeProvider",
    "FakeSandbox",
    "Files",
    "Node",
    "Program",
]
