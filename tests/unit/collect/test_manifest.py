"""What a manifest may say, and how a mistake in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.collect import Manifest, read_manifest
from pytest_metr.collect.values import found
from pytest_metr.errors import UsageMistake
from pytest_metr.types import Gpu, Limits, Resources, Scoring

FILE = Path("manifest.yaml")

FULL = """
version: 1.10
standard_version: 0.2.3
meta:
  name: another name $HOME %d ${x}
  human_source: estimate
  domains: cybersecurity
tasks:
  main:
    version: "2"
    type: metr_task_standard
    resources:
      gpu: {count_range: [1, 2.0], model: h100}
      cpus: 0.5
      memory_gb: 8
      storage_gb: 20
    scoring:
      visible_to_agent: false
      score_on_usage_limits: true
      instructions: Look at it.
    meta:
      human_minutes: 12.5
      human_source: baseline
      domains: [machine learning, cybersecurity, machine learning]
      expertise: {cybersecurity: 3, since: 2024-01-01}
      split: test
      quality: [good, {seen: true}]
      success_threshold: 0.5
      canary: 7c2f
      needs: [two_users, apt]
      internet: no
      limits: {tokens: 1000, cost: 2.5, working_seconds: 60}
      manual_score: yes
      human_minuts: free keys are nobody's mistake
  other:
"""


def read(text: str) -> Manifest:
    return read_manifest(text.encode(), FILE)


def test_everything_that_a_manifest_may_say_is_read() -> None:
    manifest = read(FULL)
    assert (manifest.version, manifest.standard_version) == ("1.10", "0.2.3")
    assert manifest.meta["name"] == "another name $HOME %d ${x}"
    assert manifest.facts_of("main") == {
        "version": "2",
        "resources": Resources(
            cpus=0.5, memory_gb=8.0, storage_gb=20.0, gpu=Gpu(count_min=1, count_max=2, model="h100")
        ),
        "scoring": Scoring(visible_to_agent=False, score_on_usage_limits=True, instructions="Look at it."),
        "human_minutes": 12.5,
        "human_source": "baseline",
        "domains": ("machine learning", "cybersecurity"),
        "expertise": {"cybersecurity": 3, "since": "2024-01-01"},
        "split": "test",
        "quality": ["good", {"seen": True}],
        "success_threshold": 0.5,
        "canary": "7c2f",
        "needs": ("two_users", "apt"),
        "internet": False,
        "manual_score": True,
        "limits": Limits(tokens=1000, cost=2.5, working_seconds=60.0),
    }


def test_what_a_task_does_not_say_the_family_says() -> None:
    facts = read(FULL).facts_of("other")
    assert facts["version"] == "1.10"
    assert facts["human_source"] == "estimate"
    assert facts["domains"] == ("cybersecurity",)
    assert facts["resources"] == Resources()
    assert facts["scoring"] == Scoring()
    assert facts == read(FULL).facts_of("a task that is not there")


def test_a_task_takes_back_with_null_what_the_family_says() -> None:
    manifest = read(
        "meta: {human_minutes: 5, domains: [x], success_threshold: 0.1}\n"
        "tasks: {main: {meta: {human_minutes: ~, domains: ~, success_threshold: ~}}}\n"
    )
    assert manifest.facts_of("main").items() >= {"human_minutes": None, "domains": (), "success_threshold": 0.9}.items()


@pytest.mark.parametrize("meta", ["text", "[1, 2]", "3", "~", "{2: a, yes: b, 2024-01-01: c}"])
def test_meta_may_be_anything(meta: str) -> None:
    assert read(f"meta: {meta}\ntasks: {{main: {{meta: {meta}}}}}\n").tasks == {"main": {}}


@pytest.mark.parametrize("count_range", ["[1, ~]", "[1, .inf]"])
def test_the_number_of_gpus_may_be_open_above(count_range: str) -> None:
    facts = read(f"tasks: {{a: {{resources: {{gpu: {{count_range: {count_range}}}}}}}}}").facts_of("a")
    assert facts["resources"].gpu == Gpu(count_min=1, count_max=None)


def test_equal_resources_are_one_object() -> None:
    tasks = read("tasks: {a: {resources: {cpus: 2}}, b: {resources: {cpus: 2.0}}}").tasks
    assert tasks["a"]["resources"] is tasks["b"]["resources"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a mapping with the key tasks, found nothing"),
        ("- a\n", "expected a mapping, found a list"),
        ("text", "expected a mapping, found 'text'"),
        ("versoin: 1\n", "versoin: unknown key: did you mean version?"),
        ("zzz: 1\n", "zzz: unknown key: expected one of meta, standard_version, tasks, version"),
        ("1: x\n", "1: unknown key: expected one of"),
        ("version: yes\n", "version: expected text, found true: quote it"),
        ("version: [1]\n", "version: expected text, found a list"),
        ("version: ' '\n", "version: expected text, found ' '"),
        ("tasks: [main]\n", "tasks: expected a mapping, found a list"),
        ("tasks: {main: 3}\n", "tasks.main: expected a mapping, found 3"),
        ("tasks: {1: {}}\n", "tasks: expected a task's name, found 1, which YAML takes for no text: quote it"),
        ("tasks: {yes: {}}\n", "tasks: expected a task's name, found true, which"),
        ("tasks: {~: {}}\n", "tasks: expected a task's name, found nothing, which"),
        ("tasks: {2024-05-01: {}}\n", "tasks: expected a task's name, found the date 2024-05-01, which"),
        ("tasks: {'': {}}\n", "tasks: expected a task's name, found the empty text"),
        ("tasks: {main: {resorces: {}}}\n", "tasks.main.resorces: unknown key: did you mean resources?"),
        ("tasks: {main: {type: other}}\n", "tasks.main.type: expected metr_task_standard, found 'other'"),
        (
            "tasks: {main: {scoring: {visible: 1}}}\n",
            "tasks.main.scoring.visible: unknown key: did you mean visible_to",
        ),
        ("tasks: {a: {scoring: {visible_to_agent: 1}}}", "tasks.a.scoring.visible_to_agent: expected true or false, f"),
        ("tasks: {a: {scoring: {instructions: 1}}}", "tasks.a.scoring.instructions: expected text, found 1: quote it"),
        ("tasks: {a: {resources: {gpu: {}}}}", "tasks.a.resources.gpu.count_range: expected a list of two numbers"),
        ("tasks: {a: {resources: {gpu: {count_range: 1}}}}", "count_range: expected a list of two numbers, the"),
        ("tasks: {a: {resources: {gpu: {count_range: [2, 1]}}}}", "expected the fewest before the most GPUs, found 2"),
        ("tasks: {a: {resources: {gpu: {count_range: [0.5, 1]}}}}", "count_range.0: expected a whole number of at"),
        ("tasks: {a: {resources: {gpu: {count_range: [0, -1]}}}}", "count_range.1: expected a whole number of at"),
        ('tasks: {"a\\nb": {x: 1}}', "tasks.'a\\nb'.x: unknown key"),
    ],
)
def test_a_mistake_names_file_key_and_expectation(text: str, said: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        read(text)
    assert str(caught.value).startswith("manifest.yaml: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("human_minutes", "soon", "expected a number above 0, found 'soon'"),
        ("human_minutes", "0", "expected a number above 0, found 0"),
        ("human_minutes", "-1.5", "expected a number above 0, found -1.5"),
        ("human_minutes", "yes", "expected a number above 0, found true"),
        ("human_minutes", ".nan", "expected a number above 0, found nan"),
        ("human_minutes", ".inf", "expected a number above 0 and at most 1e+09, found inf"),
        ("human_minutes", "1e3", "expected a number above 0, found '1e3': write 1000, without quotes"),
        ("human_minutes", "'8'", "expected a number above 0, found '8': write 8, without quotes"),
        ("human_minutes", "9" * 400, "expected a number above 0 and at most 1e+09, found a number of more than 18"),
        ("human_minutes", "9" * 9000, "line 1: expected a sensible value"),
        ("human_source", "guess", "expected one of baseline, qa, estimate, found 'guess'"),
        ("human_source", "basline", "found 'basline' (did you mean baseline?)"),
        ("split", "yes", "expected one of dev, test, found true"),
        ("domains", "3", "expected a text or a list of texts, found 3"),
        ("domains", "[a, 3]", "domains.1: expected text, found 3: quote it"),
        ("domains", "['--']", "expected a name with a letter or digit, found '--'"),
        ("success_threshold", ".nan", "expected a number, found nan"),
        ("success_threshold", "-.inf", "expected a number, found -inf"),
        ("canary", "5", "expected text, found 5: quote it"),
        ("needs", "{apt: yes}", "expected a text or a list of texts, found a mapping"),
        ("limits", "3", "expected a mapping, found 3"),
        ("limits", "{token: 3}", "unknown key: did you mean tokens?"),
        ("internet", "'no'", "expected true or false, found 'no'"),
        ("manual_score", "1", "expected true or false, found 1"),
    ],
)
@pytest.mark.parametrize("where", ["meta", "tasks.main.meta"])
def test_a_wrong_value_of_our_own_keys_is_a_mistake_in_the_family_and_in_a_task(
    key: str, value: str, said: str, where: str
) -> None:
    text = f"{{{key}: {value}}}"
    text = f"meta: {text}" if where == "meta" else f"tasks: {{main: {{meta: {text}}}}}"
    with pytest.raises(UsageMistake) as caught:
        read(text)
    assert said in str(caught.value)
    if "line 1" not in said:
        assert f"manifest.yaml: {where}.{key}" in str(caught.value)


@pytest.mark.parametrize("depth", [20, 3000])
def test_free_data_that_is_endless_is_refused(depth: int) -> None:
    width = 1 if depth > 100 else 9
    lines = ["meta:", "  l0: &l0 [x]"]
    lines += [f"  l{i + 1}: &l{i + 1} [{', '.join([f'*l{i}'] * width)}]" for i in range(depth)]
    with pytest.raises(UsageMistake, match=r"meta\.expertise: expected at most 100000 parts in 100 levels"):
        read("\n".join([*lines, f"  expertise: *l{depth}", "tasks: {main: {}}"]))


@given(st.recursive(st.none() | st.text() | st.integers() | st.floats(), lambda inner: st.lists(inner)))
def test_what_is_found_is_told_in_a_few_words_on_one_line(value: object) -> None:
    assert 0 < len(found(value)) <= 60
    assert "\n" not in found(value)
