"""The reference's description, as far as a number of stages of the work has come."""

import sys

sys.path.insert(0, "/home/agent/solution")
import mechanism


def late(rule):
    """Tell whether a rule asks for something before."""
    return any("before" in condition for condition in rule.get("if", []))


def local(rule):
    """Tell whether a rule asks for letters at a distance or seen again, and for nothing else."""
    return not late(rule) and not any("count" in condition for condition in rule.get("if", []))


#: What each stage adds: rules for which this holds, or keys of the description.
STAGES = [
    lambda rule: "if" not in rule,
    lambda rule: "times" in rule,
    lambda rule: local(rule) and "add" in rule and "if" in rule,
    lambda rule: not late(rule) and not local(rule),
    ("heads_1", "heads_2"),
    ("cancelled_units", "dead_units"),
    ("marker_unit",),
    lambda rule: late(rule) and len(rule["if"]) == 1,
]


def hand_in_stages(number):
    """Hand in what the first stages have found."""
    found = mechanism.describe(mechanism.load())
    tests = [stage for stage in STAGES[:number] if callable(stage)]
    answer = {"rules": [rule for rule in found["rules"] if any(test(rule) for test in tests)]}
    for keys in STAGES[:number]:
        if not callable(keys):
            answer |= {key: found[key] for key in keys}
    mechanism.hand_in(answer)
