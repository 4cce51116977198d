"""Asking a family for its tasks and for what a task needs, through the real helper."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard import FULL_INTERNET, TaskData, Timeouts, check_secrets, list_tasks, read_task_data

from .local import LocalSandbox, sandbox_with, spec

PLAIN = """
    class TaskFamily:
        @staticmethod
        def get_tasks():
            return {"second": {"n": 2}, "first": {"n": 1}}
"""


def names(sandbox: LocalSandbox, **secrets: str) -> tuple[str, ...]:
    return list_tasks(sandbox, "riddles", secrets=secrets)


def data(sandbox: LocalSandbox, **secrets: str) -> TaskData:
    return read_task_data(sandbox, spec(), secrets=secrets)


def family(methods: str) -> str:
    """Return a family with one task and *methods* (indented by eight) beside."""
    return f"""
    class TaskFamily:
        @staticmethod
        def get_tasks():
            return {{"first": {{"n": 1}}}}
{methods}
    """


def test_names_are_sorted(tmp_path: Path) -> None:
    assert names(sandbox_with(tmp_path, PLAIN)) == ("first", "second")


def test_get_tasks_sees_all_secrets(tmp_path: Path) -> None:
    body = """
    import os
    class TaskFamily:
        def get_tasks():
            return {"paid": {}} if os.environ.get("API_KEY") == "x=y" else {}
    """
    sandbox = sandbox_with(tmp_path, body)
    assert names(sandbox) == ()
    assert names(sandbox, API_KEY="x=y") == ("paid",)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise ValueError('boom\\nand more')", "riddles.py: get_tasks: raised ValueError: boom and more"),
        ("return [1]", "riddles.py: get_tasks: returned a list, expected a dict of task names to tasks"),
        ("return None", "riddles.py: get_tasks: returned None, expected a dict of task names to tasks"),
        ("return {'a': 1, 7: 2}", "riddles.py: get_tasks: has the task name 7 (int), expected a str"),
        ("import sys; sys.exit(0)", "riddles.py: get_tasks: raised SystemExit: 0"),
        ("import os; os._exit(0)", "riddles.py: get_tasks: ended with exit code 0 and returned nothing"),
        ("import os; os.kill(os.getpid(), 9)", "riddles.py: get_tasks: was ended by signal 9 and returned nothing"),
        ("raise Exception", "riddles.py: get_tasks: raised Exception"),
        ("return recursion()", "riddles.py: get_tasks: raised NameError: name 'recursion' is not defined"),
    ],
)
def test_a_get_tasks_that_fails_is_told_in_one_line(tmp_path: Path, body: str, message: str) -> None:
    sandbox = sandbox_with(tmp_path, f"class TaskFamily:\n    def get_tasks():\n        {body}\n")
    with pytest.raises(TaskError) as caught:
        names(sandbox)
    assert str(caught.value) == message
    assert caught.value.cause == "task_list"
    assert set(caught.value.evidence) == {"stdout", "stderr", "exit_code"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1", "riddles.py: import: defines no TaskFamily"),
        ("class TaskFamily: pass", "riddles.py: get_tasks: is not defined"),
        ("import no_such_module", "riddles.py: import: raised ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_a_module_that_is_no_family_is_told_in_one_line(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(TaskError) as caught:
        names(sandbox_with(tmp_path, source))
    assert str(caught.value) == message


def test_get_tasks_that_hangs_is_told(tmp_path: Path) -> None:
    sandbox = sandbox_with(tmp_path, "class TaskFamily:\n    def get_tasks():\n        while True: pass\n")
    with pytest.raises(TaskError, match=r"riddles.py: get_tasks: timed out after 1 s") as caught:
        list_tasks(sandbox, "riddles", secrets={}, timeouts=Timeouts(list_tasks=1))
    assert caught.value.evidence["exit_code"] == "timed out"


def test_printing_and_closing_the_output_does_no_harm(tmp_path: Path) -> None:
    body = """
    import os, sys
    class TaskFamily:
        def get_tasks():
            print('{"value": ["forged"]}' * 1000, chr(0xD800))
            print("complaint", file=sys.stderr)
            sys.stdout.close()
            os.close(2)
            return {"first": {}}
    """
    assert names(sandbox_with(tmp_path, body)) == ("first",)


def test_an_unknown_task_lists_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(TaskError) as caught:
        read_task_data(sandbox_with(tmp_path, PLAIN), spec("thrid"), secrets={})
    assert caught.value.cause == "unknown_task"
    assert str(caught.value) == "riddles.py: get_tasks: has no task 'thrid'; it has: 'first', 'second'"


def test_a_family_with_nothing_but_tasks_has_the_defaults_of_the_standard(tmp_path: Path) -> None:
    assert data(sandbox_with(tmp_path, PLAIN)) == TaskData()


def test_everything_that_a_family_says_is_read_in_one_call(tmp_path: Path) -> None:
    methods = """
        required_environment_variables = ["B", "A", "A"]
        skip_chown_after_start = True
        def get_instructions(t): return "Line\\r\\n" + str(t["n"])
        def get_permissions(t): return ("more", "full_internet", "more")
        def get_aux_vm_spec(t): return None
        def start(t): pass
        def score(t, submission): pass
        def intermediate_score(t): pass
        def aggregate_scores(t, score_log): pass
        def teardown(): pass
    """
    sandbox = sandbox_with(tmp_path, family(methods))
    assert data(sandbox, A="1", B="") == TaskData(
        instructions="Line\r\n1",
        permissions=("more", FULL_INTERNET, "more"),
        required_environment_variables=("A", "B"),
        skip_chown_after_start=True,
        has_start=True,
        has_score=True,
        has_intermediate_score=True,
        has_aggregate_scores=True,
        has_teardown=True,
    )
    assert sandbox.methods_called() == ["describe"]


@pytest.mark.parametrize("listed", ["['root', 'full_internet']", "{'full_internet', 'root'}", "('full_internet',) * 3"])
def test_a_list_with_full_internet_grants_it_whatever_else_is_in_it(tmp_path: Path, listed: str) -> None:
    found = data(sandbox_with(tmp_path, family(f"        def get_permissions(t): return {listed}")))
    assert FULL_INTERNET in found.permissions


@pytest.mark.parametrize(
    "methods",
    [
        "@staticmethod\n        def get_instructions(t): return str(t['n'])",
        "@classmethod\n        def get_instructions(cls, t): return str(t['n'])",
        "def get_instructions(t): return str(t['n'])",
        "def get_instructions(self, t): return str(t['n'])",
        "def get_instructions(self, t=None): return str(t['n'])",
        "def get_instructions(this, t): return str(t['n'])",
        "get_instructions = lambda t: str(t['n'])",
        "get_instructions = staticmethod(lambda *a: str(a[0]['n']))",
        "get_instructions = '{0[n]}'.format",
    ],
)
def test_methods_may_be_static_class_or_instance_methods(tmp_path: Path, methods: str) -> None:
    assert data(sandbox_with(tmp_path, family(f"        {methods}"))).instructions == "1"


def test_methods_and_variables_are_inherited(tmp_path: Path) -> None:
    body = """
    class Base:
        required_environment_variables = ("A",)
        @staticmethod
        def get_tasks(): return {"first": {}}
        def get_instructions(self, t): return self.text
    class TaskFamily(Base):
        text = "inherited"
    """
    found = data(sandbox_with(tmp_path, body), A="1")
    assert (found.instructions, found.required_environment_variables) == ("inherited", ("A",))


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        (
            "def get_permissions(t): return ['root']",
            "get_permissions: expected [] or a list with 'full_internet', found ['root']",
        ),
        ("def get_permissions(t): return None", "get_permissions: expected a list of str, found None"),
        ("def get_permissions(t): return 'full_internet'", "get_permissions: expected a list of str, found 'full_int"),
        ("def get_instructions(t): return 3", "get_instructions: returned a int, expected a str"),
        ("def get_instructions(): return ''", "get_instructions: raised TypeError: "),
        ("required_environment_variables = 'KEY'", "required_environment_variables: expected a list of str, found 'K"),
    ],
)
def test_what_the_standard_does_not_know_is_told(tmp_path: Path, methods: str, message: str) -> None:
    with pytest.raises(TaskError) as caught:
        data(sandbox_with(tmp_path, family(f"        {methods}")))
    assert str(caught.value).startswith(f"riddles.py: {message}")
    assert caught.value.cause == "task_data"


def test_a_task_that_wants_a_second_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="riddles/first asks for an auxiliary VM") as caught:
        data(sandbox_with(tmp_path, family("        def get_aux_vm_spec(t): return {'build_steps': []}")))
    assert caught.value.cause == "aux_vm"


def test_a_missing_secret_is_named_and_its_value_is_not_needed_to_be_anything() -> None:
    wants = TaskData(required_environment_variables=("A", "B", "C"))
    check_secrets(wants, {"A": "", "B": "", "C": "", "D": ""})
    with pytest.raises(TaskError) as caught:
        check_secrets(wants, {"B": "1"}, family="riddles")
    assert str(caught.value) == (
        "riddles.py: required_environment_variables: no value was given for A, C "
        "(remedy: --metr-env-file FILE with lines of NAME=value)"
    )
    assert caught.value.cause == "missing_secret"
    with pytest.raises(TaskError, match=r"^required_environment_variables: no value was given for A, C \("):
        check_secrets(wants, {"B": "1"})


def test_reading_a_task_checks_its_secrets(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"^riddles\.py: required_environment_variables: no value was given for KEY \("):
        data(sandbox_with(tmp_path, family("        required_environment_variables = ['KEY']")))


def test_families_import_their_own_modules_and_pickle_their_classes(tmp_path: Path) -> None:
    body = """
    import pickle, sys
    import parts
    class Thing:
        pass
    class TaskFamily:
        def get_tasks():
            assert type(pickle.loads(pickle.dumps(Thing()))) is Thing
            assert not any(path.endswith("inside") for path in sys.path)
            assert "" not in sys.path
            return {parts.NAME: {}}
    """
    sandbox = sandbox_with(tmp_path, body, family="with-dash")
    (sandbox.root / "parts.py").write_text("NAME = 'from parts'\n")
    assert list_tasks(sandbox, "with-dash", secrets={}) == ("from parts",)


def test_task_data_survives_json() -> None:
    wants = TaskData(instructions="é", permissions=(FULL_INTERNET,), has_start=True)
    assert TaskData.from_json(wants.to_json()) == wants
