"""Scores handed-in predictions, which are JSON of any kind; nothing here raises for them."""

import math

#: Below the first an error of the logarithm of a loss has the full mark, above the second none.
BOUNDS = {"curve_end": (0.003, 0.02), "larger": (0.0045, 0.04)}
#: So many of the losses and of the settings are for feedback and do not count in the end.
SHOWN_LOSSES, SHOWN_ENDS = {"curve_end": 4, "larger": 6}, 4
LOSSES_WEIGHT = 0.75


def number(value):
    """Return a positive finite float, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        value = float(value)
    except OverflowError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def mark(predicted, true, bounds):
    """Return the mark of a predicted loss, between 0 and 1."""
    predicted = number(predicted)
    if predicted is None:
        return 0.0
    full, none = bounds
    error = max(abs(math.log(predicted) - math.log(true)), full)
    return max(0.0, math.log(none / error) / math.log(none / full))


def losses(answer, expected, bounds):
    answer = answer if isinstance(answer, dict) else {}
    marks = {name: mark(answer.get(name), true, bounds) for name, true in expected.items()}
    return sum(marks.values()) / len(marks), {name: round(value, 2) for name, value in marks.items()}


def ends(answer, expected):
    """Return the share of right ends less that of wrong ones; what is left out is neither."""
    answer = answer if isinstance(answer, dict) else {}
    said = {name: answer[name] for name in expected if isinstance(answer.get(name), bool)}
    right = sum(said[name] == expected[name] for name in said)
    return max(0.0, (right - (len(said) - right)) / len(expected)), right


def part(task, answer, expected_losses, expected_ends):
    """Return the score and a text of evidence for a part of what was asked for."""
    if task == "curve_end":
        score, marks = losses(answer, expected_losses, BOUNDS[task])
        return score, f"losses {score:.3f}: {marks}"
    score, marks = losses(answer.get("losses"), expected_losses, BOUNDS[task])
    stable, right = ends(answer.get("diverges"), expected_ends)
    text = f"losses {score:.3f}: {marks}; divergence {stable:.3f}: {right} of {len(expected_ends)} right"
    return LOSSES_WEIGHT * score + (1 - LOSSES_WEIGHT) * stable, text


def divide(expected, count):
    """Return what is for feedback, and what counts."""
    items = list(expected.items())
    return dict(items[:count]), dict(items[count:])


def both(task, answer, expected_losses, expected_ends):
    """Return ``((score, text) of the part for feedback, (score, text) of the part that counts)``."""
    shown_losses, hidden_losses = divide(expected_losses, SHOWN_LOSSES[task])
    shown_ends, hidden_ends = divide(expected_ends, SHOWN_ENDS)
    return part(task, answer, shown_losses, shown_ends), part(task, answer, hidden_losses, hidden_ends)
