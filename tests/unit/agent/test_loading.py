"""From ``--agent NAME`` to a specification: what is found, and what a mistake is told as."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent import KINDS, AgentKind, Fields, load_agent, make_agent
from pytest_metr.errors import InfrastructureError, UsageMistake
from pytest_metr.interfaces import Workspace
from pytest_metr.types import AgentSpec, Limits

from .fakes import PATIENT, World


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file, its folder too."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def mistake(name: str, *search: Path) -> str:
    """Return what is said about an agent that cannot be loaded; it is one line."""
    with pytest.raises(UsageMistake) as caught:
        load_agent(name, search=search)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_agent_is_its_file_in_full(tmp_path: Path) -> None:
    write(tmp_path, "code/main.py", "print()")
    file = write(
        tmp_path,
        "gpt.yaml",
        "kind: command\ndescription: d\nmodel: m-1\nscaffold: s\ncode: code\ncommand: [python, main.py]\n"
        "env: {A: b}\nlimits: {wall_seconds: 60}\n",
    )
    spec = load_agent("gpt", search=[tmp_path])
    assert spec == AgentSpec(
        name="gpt",
        kind="command",
        file=str(file),
        settings={"command": ["python", "main.py"], "env": {"A": "b"}, "code": "code"},
        limits=Limits(wall_seconds=60.0),
        model="m-1",
        scaffold="s",
        identity=spec.identity,
    )
    assert len(spec.identity) == 64
    assert AgentSpec.from_json(spec.to_json()) == spec


def test_the_first_folder_that_has_the_agent_wins_and_yml_is_yaml_too(tmp_path: Path) -> None:
    write(tmp_path, "b/x.yml", "kind: noop")
    write(tmp_path, "c/x.yaml", "kind: oracle")
    search = [tmp_path / "missing", tmp_path / "b", tmp_path / "c"]
    assert load_agent("x", search=search).kind == "noop"


def test_a_path_needs_no_search_and_is_kept_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "x.yaml", "kind: noop")
    monkeypatch.chdir(tmp_path)
    for name in (str(file), "x.yaml", "./x.yaml"):
        spec = load_agent(name, search=[])
        assert spec.name == "x"
        assert Path(spec.file or "").is_absolute()


@pytest.mark.parametrize("name", ["noop", "oracle"])
def test_agents_that_need_no_settings_need_no_file_and_are_the_same_with_one(name: str, tmp_path: Path) -> None:
    bare = load_agent(name, search=[])
    assert (bare.name, bare.kind, bare.file) == (name, name, None)
    write(tmp_path, f"{name}.yaml", f"kind: {name}\ndescription: as before")
    assert load_agent(name, search=[tmp_path]).identity == bare.identity


def test_a_file_wins_over_a_built_in_name(tmp_path: Path) -> None:
    write(tmp_path, "noop.yaml", "kind: oracle")
    assert load_agent("noop", search=[tmp_path]).kind == "oracle"


def test_an_unknown_name_lists_those_there_are_and_where_and_the_closest(tmp_path: Path) -> None:
    write(tmp_path, "greedy.yaml", "kind: noop")
    write(tmp_path, "README.md", "")
    (tmp_path / "empty").mkdir()
    text = mistake("gredy", tmp_path, tmp_path / "empty", tmp_path / "gone")
    assert text == (
        f"--agent: unknown agent 'gredy'; there are in {tmp_path}: greedy; in {tmp_path}/empty: no agent files; "
        f"in {tmp_path}/gone: no such folder; built in: human, noop, oracle; did you mean 'greedy'?"
    )
    assert mistake("orcale").endswith("did you mean 'oracle'?")
    assert "did you mean" not in mistake("zzzz")


def test_two_files_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, "x.yaml", "kind: noop")
    write(tmp_path, "x.yml", "kind: noop")
    assert "are both there; keep one" in mistake("x", tmp_path)


@pytest.mark.parametrize("name", ["", "a b", "a[1]", "a::b", ".hidden", "-x", "é", "a\n", "x" * 101, ".", ".."])
def test_a_name_that_is_not_safe_in_files_and_node_ids_is_refused(name: str) -> None:
    assert "--agent: expected a name of at most 100 letters" in mistake(name)


def test_the_name_of_a_file_given_by_path_must_be_safe_too(tmp_path: Path) -> None:
    file = write(tmp_path, "my agent.yaml", "kind: noop")
    assert mistake(str(file)).startswith(f"{file}: expected a name of")
    assert "found no file" in mistake(str(tmp_path / "none.yaml"))
    assert "found no file" in mistake(f"{tmp_path}/x.yml")
    assert mistake("a/" + "x" * 5000).startswith("--agent: ")


@PATIENT
@given(st.text("abcXYZ019._-", min_size=1, max_size=100).filter(lambda name: name[0] not in ".-"))
def test_safe_names_are_accepted_wherever_they_are_looked_up(name: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        load_agent(name, search=[])
    assert "expected a name" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a mapping from keys to values, found nothing"),
        ("# only a comment", "expected a mapping from keys to values, found nothing"),
        ("{}", "expected a mapping from keys to values, found an empty mapping"),
        ("- kind", "expected a mapping from keys to values, found a list"),
        ("hello", "expected a mapping from keys to values, found text (hello)"),
        ("description: x", "kind: missing; expected text"),
        ("kind: 3", "kind: expected text, found a number (3); put it in quotes"),
        ("kind: [noop]", "kind: expected text, found a list"),
        ("kind:", "kind: expected text, found nothing; put it in quotes"),
        (
            "kind: opracle",
            "kind: expected one of command, python, human, noop, oracle, react, replay, "
            "found 'opracle'; did you mean 'oracle'?",
        ),
        ("kind: noop\nmodle: x", "modle: unknown key; expected one of kind, description, model, scaffold, limits"),
        ("kind: noop\ncommand: x", "command: unknown key"),
        ("kind: noop\n7: x", "7: expected text as key, found a number (7); put it in quotes"),
        ("kind: noop\nmodel: 2024-01-02", "model: expected text, found a date (2024-01-02); put it in quotes"),
        ("kind: noop\nmodel: yes", "model: expected text, found true or false (True); put it in quotes"),
        ("kind: noop\nlimits: 3", "limits: expected a mapping, found a number (3)"),
        ("kind: noop\nlimits: {wall: 3}", "limits.wall: unknown key; expected one of wall_seconds"),
        ("kind: noop\nlimits: {wall_seconds: '3'}", "limits.wall_seconds: expected a number above 0, found text (3)"),
        ("kind: noop\nlimits: {wall_seconds: true}", "limits.wall_seconds: expected a number above 0, found true or"),
        ("kind: noop\nlimits: {wall_seconds: 0}", "limits.wall_seconds: expected a finite number above 0, found 0"),
        (
            "kind: noop\nlimits: {wall_seconds: .nan}",
            "limits.wall_seconds: expected a finite number above 0, found nan",
        ),
        (
            "kind: noop\nlimits: {wall_seconds: .inf}",
            "limits.wall_seconds: expected a finite number above 0, found inf",
        ),
        (f"kind: noop\nlimits: {{wall_seconds: 1{'0' * 400}}}", "limits.wall_seconds: expected a finite number"),
        ("kind: noop\nmodel: a\nmodel: b", "model: line 3: the key is there twice, first in line 2"),
        ("kind: noop\nlimits: {wall_seconds: 1, wall_seconds: 2}", "wall_seconds: line 2: the key is there twice"),
        (f"kind: noop\nmodel: 0x1{'0' * 9000}", "model: expected text, found a number (very large); put it in quotes"),
        ("kind: noop\n  x: [", "expected valid YAML: line 2: "),
        ("kind: noop\n---\nkind: noop", "expected valid YAML: line 2: expected a single document"),
        ("kind: !!python/name:os.system x", "line 1: expected plain data, found the tag"),
        ("kind: noop\nmodel: 2024-13-45", "line 2: expected a sensible value, found 2024-13-45; put text in quotes"),
        ("kind: noop\nmodel: 'a\x07'", "expected valid YAML: line 2: "),
        ("kind: noop\nenv: &a [*a]", "line 2: expected data that does not hold itself"),
        ("kind: noop\nmodel: " + "[" * 5000, "expected valid YAML: "),
        ("kind: command", "command: missing; expected text for bash or a list of program and arguments"),
        ("kind: command\ncommand: []", "command: expected text for bash or a list of program and arguments, found an"),
        (
            "kind: command\ncommand: ' '",
            "command: expected text for bash or a list of program and arguments, found text",
        ),
        ("kind: command\ncommand: [a, 1]", "command[1]: expected text, found a number (1); put it in quotes"),
        ('kind: command\ncommand: "a\\0b"', "command: expected text without a zero byte"),
        ("kind: command\ncommand: x\nenv: {PORT: 80}", "env.PORT: expected text, found a number (80)"),
        ("kind: command\ncommand: x\nenv: {A-B: x}", "env.A-B: expected a variable's name"),
        ("kind: command\ncommand: x\nenv: {1: x}", "env.1: expected a variable's name"),
        ("kind: command\ncommand: x\ncode: nowhere", "code: expected the path of a folder, relative to"),
        ("kind: command\ncommand: x\ncode: x.yaml", "code: expected the path of a folder"),
        (f"kind: command\ncommand: x\ncode: {'c' * 5000}", "code: expected the path of a folder"),
        ("kind: command\ncommand: x\ncode: ''", "code: expected the path of a folder"),
        ("kind: replay", "file: missing; expected text"),
        ("kind: replay\nfile: gone.json", "file: expected the path of a file"),
    ],
)
def test_a_mistake_in_a_file_is_one_line_with_file_key_and_expectation(text: str, said: str, tmp_path: Path) -> None:
    file = write(tmp_path, "x.yaml", text)
    assert mistake("x", tmp_path).startswith(f"{file}: {said}")


def test_a_file_that_is_not_utf8_or_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"kind: \xff")
    assert mistake("x", tmp_path).endswith("expected UTF-8, found the byte 0xff")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfkind: noop\r\n")
    assert load_agent("x", search=[tmp_path]).kind == "noop"


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3),
    max_leaves=5,
)
_KEYS = ["description", "model", "scaffold", "limits", "command", "env", "code", "file"]


@PATIENT
@given(st.fixed_dictionaries({"kind": st.sampled_from(list(KINDS))}, optional=dict.fromkeys(_KEYS, _VALUES)))
def test_whatever_a_file_holds_it_is_an_agent_or_one_clear_mistake(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
) -> None:
    file = write(tmp_path_factory.mktemp("agents"), "x.yaml", yaml.safe_dump(content))
    try:
        spec = load_agent(str(file), search=[])
    except UsageMistake as error:
        assert error.file == str(file)  # noqa: PT017 - both ends are right
    else:
        assert spec.kind == content["kind"]


@pytest.mark.parametrize("model", ["gpt-4", "acme/gpt-4", "openai/", "/gpt-4"])
def test_a_model_that_cannot_be_reached_is_a_mistake_of_whoever_named_it(model: str, tmp_path: Path) -> None:
    said = f"expected provider/name with a provider of openai, anthropic, found {model!r}"
    file = write(tmp_path, "mine.yaml", f"kind: react\nmodel: {model}\n")
    assert mistake("mine", tmp_path) == f"{file}: model: {said}"
    file.write_text("kind: react\n")
    with pytest.raises(UsageMistake) as caught:
        load_agent("mine", search=[tmp_path], overrides={"model": model})
    assert str(caught.value) == f"--metr-model: {said}"


def test_a_wrong_address_on_the_command_line_is_no_mistake_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, "mine.yaml", "kind: react\nmodel: openai/m\n")
    with pytest.raises(UsageMistake, match=r"^--metr-base-url: expected an address .* found 'nowhere'$"):
        load_agent("mine", search=[tmp_path], overrides={"base_url": "nowhere"})


def test_a_kind_of_ones_own_is_added_beside_the_others(tmp_path: Path) -> None:
    class Echo:
        def __init__(self, word: str) -> None:
            self.word = word

        def run(self, workspace: Workspace) -> str:
            return self.word

    def check(fields: Fields) -> dict[str, Any]:
        return {"word": fields.text("word")}

    def make(spec: AgentSpec) -> Echo:
        return Echo(spec.settings["word"])

    kinds = {**KINDS, "echo": AgentKind(name="echo", check=check, make=make)}
    write(tmp_path, "x.yaml", "kind: echo\nword: hi")
    spec = load_agent("x", search=[tmp_path], kinds=kinds)
    assert make_agent(spec, kinds=kinds).run(World().workspace) == "hi"


def test_an_agent_whose_code_changed_or_went_is_not_made(tmp_path: Path) -> None:
    code = write(tmp_path, "code/main.py", "1")
    write(tmp_path, "x.yaml", "kind: command\ncommand: x\ncode: code")
    spec = load_agent("x", search=[tmp_path])
    make_agent(spec)
    code.write_text("2")
    with pytest.raises(InfrastructureError, match="its files have changed") as caught:
        make_agent(spec)
    assert caught.value.cause == "agent_changed"
    with pytest.raises(InfrastructureError, match="gone: cannot be read") as caught:
        make_agent(dataclasses.replace(spec, settings={**spec.settings, "code": "gone"}))
    assert caught.value.cause == "agent_changed"
