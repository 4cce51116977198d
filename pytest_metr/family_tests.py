"""A family's own tests in the sandbox of one of its tasks: no agent, no score, no record."""

from __future__ import annotations

from pytest_metr.bench import Bench
from pytest_metr.interfaces import Sandbox
from pytest_metr.opening import open_sandbox
from pytest_metr.standard import Lifecycle
from pytest_metr.standard.own_tests import OwnTests, run_own_tests
from pytest_metr.types import TaskSpec


class FamilyTests:
    """A task that has been started for the tests of its family, as it is for an agent. Close it."""

    def __init__(self, bench: Bench, task: TaskSpec) -> None:
        self._bench = bench
        self._task = task
        self._sandbox: Sandbox | None = None
        self._lifecycle: Lifecycle | None = None

    def open(self) -> None:
        """Make the sandbox and start the task.

        :raises InfrastructureError: where that fails.
        """
        bench, task = self._bench, self._task
        self._sandbox, data = open_sandbox(bench, task)
        self._required = data.required_environment_variables
        self._lifecycle = Lifecycle(self._sandbox, task, data, secrets=bench.secrets, timeouts=bench.timeouts)
        self._lifecycle.start()

    def run(self) -> OwnTests:
        """Run the tests.

        :raises TaskError: where they do not come to an end.
        """
        assert self._sandbox is not None
        secrets = self._bench.secrets
        env = {name: secrets[name] for name in self._required}
        others = {name: value for name, value in secrets.items() if name not in env}
        return run_own_tests(self._sandbox, self._task, env=env, get_tasks_env=others)

    def close(self) -> None:
        """Tear the task down and destroy the sandbox, whatever happened."""
        try:
            if self._lifecycle is not None:
                self._lifecycle.teardown()
        finally:
            if self._sandbox is not None:
                self._sandbox.close()
