"""Reads a handed-in model, which is data and not code, and measures it."""

import json
import math

TERMS, DEGREE = 400, 6


class BadModel(ValueError):
    """The handed-in file is no model; the text says why."""


def number(value, what):
    """Return a finite float."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadModel(f"{what} must be a finite number")
    return float(value)


def mapping(value, what):
    """Return a dict."""
    if not isinstance(value, dict):
        raise BadModel(f"{what} must be an object")
    return value


def parse(data, features):
    """Return ``(scaling, terms)`` of a model in JSON."""
    try:
        model = mapping(json.loads(data), "the model")
        scaling = {}
        for name, entry in mapping(model.get("scaling", {}), "scaling").items():
            entry = mapping(entry, f"scaling of {name[:40]!r}")
            scaling[name] = number(entry.get("centre", 0), "centre"), number(entry.get("scale", 1), "scale")
            if name not in features or scaling[name][1] == 0:
                raise BadModel(f"scaling: {name[:40]!r} is no feature, or its scale is 0")
        terms = model.get("terms")
        if not isinstance(terms, list) or len(terms) > TERMS:
            raise BadModel(f"terms must be a list of at most {TERMS} terms")
        return scaling, [parse_term(mapping(term, "a term"), features) for term in terms]
    except BadModel:
        raise
    except (ValueError, RecursionError, OverflowError) as error:
        raise BadModel(f"the file is no JSON that can be read ({type(error).__name__})") from error


def parse_term(term, features):
    """Return ``(coefficient, [(feature, power), ...])``."""
    powers = mapping(term.get("powers", {}), "powers")
    for name, power in powers.items():
        if name not in features or type(power) is not int or not 0 <= power <= DEGREE:
            raise BadModel(f"powers: {name[:40]!r} must be a feature and its power an integer from 0 to {DEGREE}")
    return number(term.get("coef"), "coef"), list(powers.items())


def predict(model, row):
    """Return the prediction for a row."""
    scaling, terms = model
    scaled = {}
    for name, value in row.items():
        centre, scale = scaling.get(name, (0.0, 1.0))
        scaled[name] = (value - centre) / scale
    total = 0.0
    for coefficient, powers in terms:
        product = coefficient
        for name, power in powers:
            for _ in range(power):
                product *= scaled[name]
        total += product
    return total


def rmse(model, rows):
    """Return the root of the mean squared error; NaN or infinite for a model that overflows."""
    errors = [predict(model, row) - row["y"] for row in rows]
    return math.sqrt(sum(error * error for error in errors) / len(rows))


def score(error, rows, goal):
    """Return 1 at an error of *goal* or less, 0 at that of the best constant or more, logarithmic between them."""
    mean = sum(row["y"] for row in rows) / len(rows)
    constant = math.sqrt(sum((row["y"] - mean) ** 2 for row in rows) / len(rows))
    if not math.isfinite(error) or error >= constant:
        return 0.0
    return min(1.0, math.log(constant / max(error, 1e-9)) / math.log(constant / goal))
