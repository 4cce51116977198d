"""The file of labels, what stands of them, and Cohen's kappa."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from pytest_metr.report.labels import (
    LABELS_FILE,
    Labels,
    add_labels,
    add_sample,
    agreements,
    findings,
    is_stale,
    read_labels,
)
from pytest_metr.types import LABELS, Label, LabelName, Sample
from tests.unit.report.records import properties

SCORES: dict[str, float | None] = {f"r{n}": 0.0 for n in range(10)}


def said(run_id: str, label: LabelName | None, reviewer: str = "ada", **more: Any) -> Label:
    return Label(run_id=run_id, label=label, reviewer=reviewer, at="2026-01-01T00:00:00.000Z", **more)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_labels(tmp_path) == Labels()
    label = said("r1", "spurious", category="refusal", note="it said\nno \ud800", score=0.5)
    sample = Sample(agent="a", population="failed", of=9, runs=("r1", "r2"), seed=3, reviewer="ada", at="")
    add_labels(tmp_path, [label])
    add_sample(tmp_path, sample)
    assert read_labels(tmp_path) == Labels(labels=(label,), samples=(sample,))


def test_what_cannot_be_read_is_passed_over_and_told(tmp_path: Path) -> None:
    add_labels(tmp_path, [said("r1", "real")])
    file = tmp_path / LABELS_FILE
    good = json.loads(file.read_text(encoding="utf-8"))
    others = [{**good, "label": "perhaps"}, {**good, "category": "weather"}, {**good, "run_id": 3}, {"kind": "other"}]
    torn = file.read_bytes() + b"".join(json.dumps(line).encode() + b"\n" for line in others) + b'{"kind": "label", "ru'
    file.write_bytes(torn)
    add_labels(tmp_path, [said("r2", "real")])
    found = read_labels(tmp_path)
    assert [label.run_id for label in found.labels] == ["r1", "r2"]
    assert (found.damaged, found.unreadable) == ((6,), 4)
    assert found.notes == [
        "lines of labels.jsonl could not be read: 6",
        "4 lines of labels.jsonl are nothing that this version can read",
    ]


def test_several_processes_append_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pytest_metr.report.labels import add_labels; "
        "from pytest_metr.types import Label\n"
        "for n in range(50):\n"
        "    add_labels(Path(sys.argv[1]), [Label(run_id=str(n), label='real', reviewer=sys.argv[2], at='')])\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in ("ada", "bo", "cy")]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    found = read_labels(tmp_path)
    assert (len(found.labels), found.damaged, found.unreadable) == (150, (), 0)
    for name in ("ada", "bo", "cy"):
        assert [label.run_id for label in found.labels if label.reviewer == name] == list(map(str, range(50)))


def test_the_last_word_of_each_reader_counts() -> None:
    labels = [said("r1", "real"), said("r1", "spurious", note="after all"), said("r2", "real"), said("r2", None)]
    found = findings(labels, SCORES)
    assert list(found) == ["r1"]
    assert (found["r1"].label, found["r1"].labels, found["r1"].notes) == (
        "spurious",
        {"ada": "spurious"},
        ("after all",),
    )


def test_readers_disagree_until_somebody_settles_it() -> None:
    labels = [said("r1", "real", category="misread"), said("r1", "spurious", "bo", category="misread")]
    disputed = findings(labels, SCORES)["r1"]
    assert (disputed.label, disputed.disputed, disputed.categories) == (None, True, {"misread": 2})
    labels.append(said("r1", "tradeoff", "cy", settles=True))
    settled = findings(labels, SCORES)["r1"]
    assert (settled.label, settled.disputed, settled.settled) == ("tradeoff", False, True)
    assert settled.categories == {}, "whoever was overruled does not say why"
    labels.append(said("r1", None, "cy"))
    assert findings(labels, SCORES)["r1"].disputed
    labels.append(said("r1", "spurious", "cy", settles=True))
    assert findings(labels, SCORES)["r1"].categories == {"misread": 1}


def test_a_label_of_a_run_that_was_scored_anew_counts_no_more() -> None:
    labels = [said("r1", "real", score=0.0), said("r2", "real", score=0.5), said("gone", "real")]
    assert list(findings(labels, SCORES)) == ["r1"]
    assert [is_stale(label, SCORES) for label in labels] == [False, True, True]


def test_kappa_as_worked_out_by_hand() -> None:
    """Cohen's example in small: of 10 runs both say real of 4 and spurious of 3; each one time more says otherwise."""
    real: LabelName = "real"
    spurious: LabelName = "spurious"
    ada = [*([real] * 4), *([spurious] * 3), real, real, spurious]
    bo = [*([real] * 4), *([spurious] * 3), spurious, spurious, real]
    labels = [said(f"r{n}", label) for n, label in enumerate(ada)]
    labels += [said(f"r{n}", label, "bo") for n, label in enumerate(bo)]
    [agreement] = agreements(labels, SCORES)
    # p_o = 7/10; p_e = (6 * 5 + 4 * 5) / 100 = 1/2; kappa = (0.7 - 0.5) / 0.5.
    assert (agreement.reviewers, agreement.runs, agreement.agreed) == (("ada", "bo"), 10, 7)
    assert agreement.kappa == pytest.approx(0.4)


def test_where_there_is_no_kappa() -> None:
    alone = [said("r1", "real"), said("r2", "real", "bo")]
    assert [(a.runs, a.kappa) for a in agreements(alone, SCORES)] == [(0, None)]
    alike = [said("r1", "real"), said("r1", "real", "bo")]
    assert [(a.runs, a.agreed, a.kappa) for a in agreements(alike, SCORES)] == [(1, 1, None)]
    settled = [said("r1", "real"), said("r1", "spurious", "bo", settles=True)]
    assert agreements(settled, SCORES) == ()


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=10))
@properties
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[LabelName, LabelName]]) -> None:
    labels = [said(f"r{n}", one) for n, (one, _) in enumerate(pairs)]
    labels += [said(f"r{n}", other, "bo") for n, (_, other) in enumerate(pairs)]
    [agreement] = agreements(labels, SCORES)
    if agreement.kappa is None:
        assert len({label for pair in pairs for label in pair}) == 1
    else:
        assert agreement.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))
