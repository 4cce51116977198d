"""For the author: writes assets/figures.json, what programs take. Run it in the family's folder after a change."""

import json
import sys
from pathlib import Path

sys.path[:0] = ["assets", "solution"]
import inputs  # noqa: E402
import programs  # noqa: E402
import tally  # noqa: E402


def ticks(source, name, part):
    """Return the ticks of a program on the cases that count, after a check of its outputs."""
    program, total = tally.Program(source), 0
    for case in inputs.cases(name, part):
        output, taken = tally.run(program, case["input"], 10**7)
        assert output == case["output"] or name == "peak", (name, case["name"])
        total += taken * case["counts"]
    return total


def main():
    figures = {}
    for name in inputs.PLAN:
        delivered = Path(f"assets/programs/{name}.tal").read_text()
        reference = programs.best(name, delivered)
        figures[name] = {
            part: [ticks(delivered, name, part), ticks(reference, name, part)] for part in ("seen", "hidden")
        }
    rows = [f"{json.dumps(name)}: {json.dumps(figures[name])}" for name in figures]
    Path("assets/figures.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")


main()
