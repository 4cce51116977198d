"""Task family: predict how training runs end, from their beginnings or from smaller runs."""

import importlib
import json
import os
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
ANSWER_BYTES = 1024 * 1024

INSTRUCTIONS = {
    "curve_end": """\
/home/agent/complete.jsonl has the logs of nine complete training runs of language models, and /home/agent/begun.jsonl
those of 24 other runs of the same kind (b01 to b24) that have done the first 40 % of their steps. Each line is a JSON
object: `steps` planned, `warmup_steps`, `schedule`, `peak_rate`, `batch_tokens` (tokens in a step), and `curve`, a
list of [step, evaluation loss].

The learning rate rises linearly from 0 to its peak in the warm-up. After that the schedule decides: `constant` stays
at the peak; `cosine` falls as half a cosine to 0 at the last step; `late` stays at the peak and falls linearly to 0
over the last 20 % of the steps. A logged loss has noise of about 0.3 percent; now and then a point is a spike that is
gone by the next. The unknown law of the loss is the same in all runs; what differs is how large and how well set a
model is. No data is repeated.

Predict the loss of each begun run after its last step, without noise. Write /home/agent/answer.json: one JSON object
{{"b01": 3.512, "b02": ...}} of at most 1 MiB.

Scoring: for each run let e be the absolute difference between the natural logarithms of the predicted and the true
loss. Its mark is 1 for e <= {full}, 0 for e >= {none}, and log({none} / e) / log({none} / {full}) in between. If you
have a score tool, you may use it at any time: it shows the mean mark of b01 to b04. The final score is the mean mark
of b05 to b24 for the answer.json that is there at the end. What is missing or is no finite number has the mark 0.

Nothing has to be submitted; the submission is not looked at.
""",
    "larger": """\
/home/agent/small_runs.jsonl has the logs of 70 small training runs of language models, one JSON object a line. Among
others: `width`, `layers`, `batch_tokens` (tokens in a step), `steps` (planned), `warmup_steps`, `schedule`,
`peak_rate` (of the learning rate), `unique_tokens` (how many tokens differ; more are seen where data is repeated),
and `curve`, a list of [step, training loss, evaluation loss] over the run. Some runs diverged. /home/agent/NOTES.md
says what is known of the law of the loss: its form, but none of its constants.

Several people wrote these logs with several tools on several machines, and not all of them wrote what they should
have: expect faults that concern more than one run, in losses and in settings. Logged losses have noise of
about 0.3 percent.

/home/agent/wanted.json has two lists of settings of runs that are up to 100 times larger. Its settings are right.
- `losses`, t01 to t24: predict the evaluation loss after the last step, without noise and as it would be with nothing
  wrong. None of these runs diverges.
- `divergence`, d01 to d16: say which of these runs diverge.

Write /home/agent/answer.json, of at most 1 MiB:

    {{"losses": {{"t01": 2.345, ...}}, "diverges": {{"d01": true, "d02": false, ...}}}}

Scoring: for each loss let e be the absolute difference between the natural logarithms of the predicted and the true
loss. Its mark is 1 for e <= {full}, 0 for e >= {none}, and log({none} / e) / log({none} / {full}) in between; what is
missing or is no finite number has the mark 0. Divergence has (right - wrong) / all, not less than 0; what is left out
is neither. The score is 0.75 x the mean mark of the losses + 0.25 x divergence. If you have a score tool, you may use
it at any time: it shows the score on t01 to t06 and d01 to d04. The final score is taken on t07 to t24 and d05 to
d16, for the answer.json that is there at the end.

Nothing has to be submitted; the submission is not looked at.
""",
}


def asset(name):
    """Return a module of the assets."""
    if str(ASSETS) not in sys.path:
        sys.path.insert(0, str(ASSETS))
    return importlib.import_module(name)


def expected(task):
    """Return the right losses and ends."""
    if task == "curve_end":
        return asset("logs").curves()[2], {}
    return asset("logs").large()[1:]


def read_answer(path, limit):
    """Return the bytes of a handed-in file; None for what is no regular file or is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    return data if data is not None and len(data) <= limit else None


def read_object(path):
    """Return the handed-in JSON object and a word on it; an empty object where there is none."""
    data = read_answer(path, ANSWER_BYTES)
    if data is None:
        return {}, "there is no regular file of at most 1 MiB"
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError) as error:
        return {}, f"no JSON that can be read ({type(error).__name__})"
    return (answer, "read") if isinstance(answer, dict) else ({}, "not a JSON object")


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {name: {"name": name} for name in INSTRUCTIONS}

    @staticmethod
    def get_instructions(t):
        full, none = asset("scoring").BOUNDS[t["name"]]
        return INSTRUCTIONS[t["name"]].format(full=full, none=none)

    @staticmethod
    def start(t):
        logs = asset("logs")
        if t["name"] == "curve_end":
            complete, begun, _ = logs.curves()
            (HOME / "complete.jsonl").write_text(logs.lines(complete))
            (HOME / "begun.jsonl").write_text(logs.lines(begun))
        else:
            (HOME / "small_runs.jsonl").write_text(logs.lines(logs.small_logs()))
            (HOME / "wanted.json").write_text(json.dumps(logs.large()[0], indent=1) + "\n")
            (HOME / "NOTES.md").write_text((ASSETS / "NOTES.md").read_text())

    @staticmethod
    def intermediate_score(t):
        answer, word = read_object(HOME / "answer.json")
        (shown, _), (final, evidence) = asset("scoring").both(t["name"], answer, *expected(t["name"]))
        return {
            "score": shown,
            "message": {"answer.json": word, "score_on_the_part_for_feedback": round(shown, 3)},
            "details": {"final_score": final, "evidence": evidence},
        }

    @staticmethod
    def aggregate_scores(t, score_log):
        del t
        # The last entry is taken after the agent has ended: what counts is the answer that is there then.
        if not score_log:
            return 0.0
        details = score_log[-1]["details"]
        print(f"what counts: {details['evidence']}")
        return float(details["final_score"])
