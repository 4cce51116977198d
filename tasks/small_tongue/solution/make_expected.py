"""For the author: writes assets/expected.json and the outputs of the examples from the reference.

Run it in the family's folder.
"""

import importlib
import json
import sys
from pathlib import Path

sys.path[:0] = ["assets", "solution/reference"]
cases, runner = importlib.import_module("cases"), importlib.import_module("runner")


def result(case):
    return importlib.import_module(case["module"]).run(*case["args"])


def main():
    known = {}
    for task in ("sums", "routines", "whole"):
        texts = [result(case) for case in cases.cases(task)]
        assert all(texts), task
        assert len(set(texts)) == len(texts), task  # no constant text is right twice, so that it scores nothing
        known[task] = [runner.digest(task, number, text) for number, text in enumerate(texts)]
        print(task, len(texts), "cases")
    parts = [f'"{task}": [\n' + ",\n".join(map(json.dumps, found)) + "\n]" for task, found in known.items()]
    Path("assets/expected.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")
    for path in sorted(Path("assets/examples").glob("*/*.json")):
        path.with_suffix(".out").write_text(result(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")


main()
