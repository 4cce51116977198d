"""Fits a polynomial model to train.csv by gradient descent, and writes model.json. Its loss runs away."""

import csv
import itertools
import json


def terms_of(features, degree):
    """Return the powers of every term up to a degree: ``[{}, {"a": 1}, {"a": 2}, {"a": 1, "b": 1}, ...]``."""
    terms = []
    for count in range(degree + 1):
        for chosen in itertools.combinations_with_replacement(features, count):
            terms.append({name: chosen.count(name) for name in chosen})
    return terms


def value(term, row):
    """Return the value of a term for a row."""
    product = 1.0
    for name, power in term.items():
        product *= row[name] ** power
    return product


def main():
    with open("settings.json") as file:
        settings = json.load(file)
    with open("train.csv") as file:
        rows = [{name: float(row[name]) for name in [*settings["features"], "y"]} for row in csv.DictReader(file)]
    terms = terms_of(settings["features"], settings["degree"])
    inputs = [[value(term, row) for term in terms] for row in rows]
    weights = [0.0] * len(terms)
    for epoch in range(settings["epochs"]):
        gradient, loss = [0.0] * len(terms), 0.0
        for row, known in zip(inputs, rows, strict=True):
            error = sum(w * x for w, x in zip(weights, row, strict=True)) - known["y"]
            loss += error * error / len(rows)
            for place, x in enumerate(row):
                gradient[place] += 2 * error * x / len(rows)
        weights = [w - settings["rate"] * g for w, g in zip(weights, gradient, strict=True)]
        print(f"epoch {epoch}: loss {loss:.6g}")
    model = {"terms": [{"coef": w, "powers": term} for w, term in zip(weights, terms, strict=True)]}
    with open("model.json", "w") as file:
        json.dump(model, file, indent=1)


main()
