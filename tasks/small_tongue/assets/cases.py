"""The hidden cases: calls with their arguments, the same on every machine. No results are in here.

The programs are in cases/GROUP.txt: each begins with a line ===; a line --- file NAME begins another module,
--- lines the input, and --- budget N gives the budget.
"""

import random
import re
from pathlib import Path

SEED = 60417
BUDGET = 1_000_000
CORE = ["spacing", "operators", "numbers", "texts", "names", "control", "functions", "data", "errors", "findings"]
CORE += ["syntax"]
REST = ["match", "coverage", "defer", "feeds", "tasks", "channels", "modules", "steps", "deep", "annotations"]
REST += ["checked"]
#: The groups of the core are put together for the task ``whole``, so that it is a quarter of the score there.
TOGETHER = {
    "spacing": "core: spacing",
    "operators": "core: values",
    "numbers": "core: values",
    "texts": "core: values",
    "data": "core: values",
    "names": "core: functions",
    "control": "core: functions",
    "functions": "core: functions",
    "errors": "core: functions",
    "findings": "core: mistakes found early",
    "syntax": "core: mistakes found early",
}


def programs(group):
    """Return (files, lines, budget) for each program of a group."""
    text = Path(__file__).with_name("cases").joinpath(f"{group}.txt").read_text(encoding="utf-8")
    found = []
    for line in text.rstrip("\n").split("\n"):
        if line == "===":
            part, case = [], {"lines": [], "budget": BUDGET, "files": {}}
            case["files"]["main"] = part
            found.append(case)
        elif line.startswith("--- file "):
            part = case["files"][line.split()[2]] = []
        elif line == "--- lines":
            part = case["lines"]
        elif line.startswith("--- budget "):
            case["budget"] = int(line.split()[2])
        else:
            part.append(line)
    for case in found:
        case["files"] = {name: "\n".join(part) for name, part in case["files"].items()}
    return [(case["files"], case["lines"], case["budget"]) for case in found]


# -- sums


def spaced(rng, depth, signs="+-*/"):
    """Return a random sum that is right in form, in which blanks matter."""
    parts = []
    for place in range(rng.randint(2, 5)):
        if place:
            blank = rng.choice(["", " "])
            parts += [blank, rng.choice(signs), blank]
        if depth and rng.random() < 0.2:
            parts.append(rng.choice(["(", "-("]) + spaced(rng, depth - 1, signs) + ")")
        else:
            parts.append(rng.choice(["", "", "", "-"]) + str(rng.randint(1, 20)))
    return "".join(parts)


def spoiled(rng):
    """Return a sum with something wrong in it, most of the time."""
    text = list(spaced(rng, 1))
    for _ in range(rng.choice([1, 1, 2])):
        at = rng.randrange(len(text) + 1)
        change = rng.choice(["insert", "insert", "drop", "zero"])
        if change == "insert":
            text.insert(at, rng.choice([" ", " ", "+", "-", "(", ")", ".", "x", "7"]))
        elif change == "drop" and at < len(text):
            del text[at]
        else:
            text += [rng.choice(["/", " / "]), *rng.choice(["0", "(2-2)", "(1-2 - -1)"])]
    return "".join(text)


DECIMALS = [
    "0.(3)",
    "0.1(6)",
    "2.(9)",
    "1.(09)",
    "0.25",
    "12.5",
    "0.(142857)",
    "3.0",
    "00.50",
    "0.0(1)",
    "7.(0)",
    "0.(012)",
]
BOTTOMS = [3, 6, 7, 11, 12, 13, 15, 17, 27, 37, 41, 64, 99, 101, 128, 700, 1024, 4096, 8192, 9990, 999983]


def decimals(rng):
    left = rng.choice([rng.choice(DECIMALS), f"-{rng.choice(DECIMALS)}", str(rng.randint(1, 400))])
    sign = rng.choice(["/", " / ", "*", " - ", "+"])
    right = rng.choice([rng.choice(DECIMALS), str(rng.choice(BOTTOMS)), str(rng.choice(BOTTOMS))])
    return f"{left}{sign}{right}" + (f" / {rng.choice(BOTTOMS)}" if sign != "*" else "")


def sums():
    """Texts of three lines of one sort each, and of all sorts."""
    rng = random.Random(SEED)
    makers = {"spacing": lambda: spaced(rng, 2), "decimals": lambda: decimals(rng), "mistakes": lambda: spoiled(rng)}
    found = []
    for group, make in makers.items():
        for _ in range(30):
            found.append((group, "\n".join([make(), make(), make()]) + "\n"))
    for number in range(30):
        lines = [rng.choice(list(makers.values()))() for _ in range(6)]
        lines.insert(number % 5, "  " if number % 2 else "")
        found.append(("all together", "\n".join(lines)))
    return [{"group": group, "module": "sums", "args": [text]} for group, text in found]


# -- all


def random_operations(rng):
    """Return a program with sums in which blanks matter, with all the operators that take any numbers."""
    lines = ["let a = 3", "let b = -2", "let c = 0.5"]
    for _ in range(4):
        text = spaced(rng, 1, ["+", "-", "*", "/", "//", "%", "<", "==", ">="][: rng.choice([6, 6, 6, 9])])
        lines.append("say " + re.sub("[0-9]+", rng.choice("abc"), text, count=1))
    return "\n".join(lines)


def routines():
    rng = random.Random(SEED + 1)
    found = []
    for group in CORE:
        found += [(group, files["main"], lines) for files, lines, _ in programs(group)]
    found += [(group, random_operations(rng), []) for group in ("spacing", "operators") for _ in range(12)]
    return [{"group": group, "module": "skerry", "args": [text, lines]} for group, text, lines in found]


def whole():
    found = [(TOGETHER[case["group"]], {"main": case["args"][0]}, case["args"][1], BUDGET) for case in routines()]
    for group in REST:
        found += [(group, *program) for program in programs(group)]
    return [{"group": group, "module": "skerry", "args": list(args)} for group, *args in found]


def cases(task):
    """Return the cases of a task: group, module and arguments of its function run."""
    return {"sums": sums, "routines": routines, "whole": whole}[task]()
