"""Tests of the family, run in its sandbox once for each task."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, "/root/assets")
import data
import figures
import truth

ANSWER = Path("/home/agent/answer.json")


@pytest.fixture
def hand_in():
    """Return a function that writes the answer; what it wrote is taken away afterwards."""

    def write(content):
        ANSWER.write_text(content if isinstance(content, str) else json.dumps(content))

    yield write
    if ANSWER.is_dir() and not ANSWER.is_symlink():
        shutil.rmtree(ANSWER)
    else:
        ANSWER.unlink(missing_ok=True)


def faded(name):
    return {key: value for key, value in figures.FIGURES[name]().items() if key not in figures.LEGIBLE[name]}


def test_true_numbers_score_1(task_family, task, task_name, hand_in):
    hand_in(faded(task_name))
    assert task_family.score(task, "") == 1.0


def test_numbers_as_shown_score_1(task_family, task, task_name, hand_in):
    rounded = {
        k: v if isinstance(v, int) else round(v, figures.decimals(task_name, k, v)) for k, v in faded(task_name).items()
    }
    hand_in(rounded)
    assert task_family.score(task, "") == 1.0


def test_numbers_a_place_off_score_only_none(task_family, task, task_name, hand_in):
    hand_in(
        {
            k: v + (1 if isinstance(v, int) else 10 ** -figures.decimals(task_name, k, v))
            for k, v in faded(task_name).items()
        }
    )
    assert task_family.score(task, "") == 0.0


def test_part_of_the_numbers_scores_its_share(task_family, task, task_name, hand_in):
    numbers = faded(task_name)
    some = dict(list(numbers.items())[:7])
    hand_in(some)
    assert task_family.score(task, "") == pytest.approx(7 / len(numbers))


def test_the_figure_as_delivered_scores_0(task_family, task, hand_in):
    assert task_family.score(task, "") == 0.0
    hand_in(Path("/home/agent/figure.json").read_text())
    assert task_family.score(task, "") == 0.0


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "1", "[" * 60000, '{"a":' * 9000, "\x00", '{"amber n": NaN}', "x" * 70000, "\ud7ff"],
    ids=range(11),
)
def test_junk_scores_0(task_family, task, hand_in, content):
    hand_in(content)
    assert task_family.score(task, "") == 0.0


@pytest.mark.parametrize("value", [None, True, "1", [1], {}, 1e400, -1e400, float("nan"), 10**4000, "١"], ids=range(10))
def test_values_of_wrong_types_score_0(task_family, task, task_name, hand_in, value):
    hand_in(dict.fromkeys(faded(task_name), value))
    assert task_family.score(task, "") == 0.0


def test_what_is_no_regular_file_scores_0(task_family, task, task_name, hand_in, tmp_path):
    hand_in("{}")
    ANSWER.unlink()
    (tmp_path / "right.json").write_text(json.dumps(faded(task_name)))
    ANSWER.symlink_to(tmp_path / "right.json")
    assert task_family.score(task, "") == 0.0
    ANSWER.unlink()
    os.mkfifo(ANSWER)
    assert task_family.score(task, "") == 0.0
    ANSWER.unlink()
    ANSWER.mkdir()
    assert task_family.score(task, "") == 0.0


def test_instructions_name_what_was_delivered(task_family, task):
    text = task_family.get_instructions(task)
    for path in Path("/home/agent").glob("*.*"):
        if path.suffix in (".csv", ".md") or path.name == "figure.json":
            assert str(path) in text
    assert "/home/agent/answer.json" in text
    assert "/root" not in text


def test_figure_shows_what_is_legible_and_no_more(task_name):
    shown = json.loads(Path("/home/agent/figure.json").read_text())
    assert {key for key, value in shown.items() if value is not None} == set(figures.LEGIBLE[task_name])
    assert set(shown) == set(figures.FIGURES[task_name]())


def test_delivered_data_are_the_generators(task_name):
    for name, rows in getattr(data, task_name)().items():
        assert Path("/home/agent", name).read_text().splitlines() == [",".join(row) for row in rows]


def test_no_true_number_sits_on_the_edge_of_its_tolerance(task_name):
    # What rounds one way here and the other way elsewhere must not decide: the tolerance is wider than rounding.
    for name, value in figures.FIGURES[task_name]().items():
        if not isinstance(value, int):
            assert figures.right(task_name, name, round(value, figures.decimals(task_name, name, value)), value)


def leave_out(monkeypatch, choice):
    """Change one of the authors' choices to the plain one."""
    if choice == "twice":
        monkeypatch.setattr(truth, "read_persons", lambda plain=truth.read_persons: with_second_enrolments(plain()))
    if choice == "order":
        aside, filled = truth.set_aside, truth.impute
        counts = {}
        monkeypatch.setattr(truth, "set_aside", lambda kept: (counts.update(filled(kept)), aside(kept))[1])
        monkeypatch.setattr(truth, "impute", lambda _: {station: counts.get(station, 0) for station in data.STATIONS})
    if choice == "scale":
        monkeypatch.setattr(truth, "SEVERITIES", dict(zip("54321", truth.SEVERITIES.values(), strict=True)))
    if choice == "wards":
        plain = truth.read_persons
        monkeypatch.setattr(truth, "read_persons", lambda: {k: v | {"ward": k} for k, v in plain().items()})


def with_second_enrolments(persons):
    for row in truth.table(data.panel()["participants.csv"]):
        if row["id"] not in persons:
            age = truth.age_at(data.day(row["born"]), data.day(row["enrolled"]))
            persons[row["id"]] = row | {"log": [None] * 4, "age": age, "group": truth.SEVERITIES[row["severity"]]}
    return persons


@pytest.mark.parametrize("choice", ["twice", "order", "scale", "wards"])
def test_legible_numbers_refute_each_plain_choice(task_name, monkeypatch, choice):
    if task_name != "panel":
        pytest.skip("only panel has choices to find")
    true = figures.shown("panel")
    leave_out(monkeypatch, choice)
    changed = figures.shown("panel")
    assert sum(true[name] != changed[name] for name in figures.LEGIBLE["panel"]) >= 4
