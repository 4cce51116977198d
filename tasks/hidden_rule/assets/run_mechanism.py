#!/usr/bin/env python3
"""Run the network on sequences of letters: python3 run_mechanism.py < sequences, one sequence a line.

It prints one class (0 to 10) for each letter: what the network says after that letter.
"""

import json
import math
import sys
from pathlib import Path

PADDING = 8


def load(folder):
    """Return the network."""
    return json.loads((Path(folder) / "network.json").read_text())


def dot(a, b):
    """Return the inner product."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def apply(matrix, vector):
    """Return a matrix times a vector."""
    return [dot(row, vector) for row in matrix]


def attend(head, xs):
    """Return what a head writes at each place; a place attends to the places before it."""
    queries = [apply(head["query"], x) for x in xs]
    keys = [apply(head["key"], x) for x in xs]
    values = [apply(head["value"], x) for x in xs]
    written = [[0.0] * len(xs[0])]
    for place in range(1, len(xs)):
        scores = [dot(queries[place], key) for key in keys[:place]]
        most = max(scores)
        weights = [math.exp(score - most) for score in scores]
        total = sum(weights)
        mean = [
            sum(w * value[k] for w, value in zip(weights, values, strict=False)) / total for k in range(len(values[0]))
        ]
        written.append(apply(head["out"], mean))
    return written


def add(xs, *others):
    """Return the sums of vectors, place by place."""
    return [[sum(parts) for parts in zip(*vectors, strict=True)] for vectors in zip(xs, *others, strict=True)]


def perceptron(layer, x):
    """Return what a layer of rectified units writes."""
    active = [max(0.0, dot(row, x) + bias) for row, bias in zip(layer["in"], layer["bias"], strict=True)]
    return [dot(row, active) + bias for row, bias in zip(layer["out"], layer["out_bias"], strict=True)]


def turn(rotor, xs):
    """Return cosine and sine of an angle that each place turns further."""
    angle, points = 0.0, []
    for x in xs:
        angle += dot(rotor["angle"], x)
        points.append([math.cos(angle), math.sin(angle)])
    return points


def run(network, sequence):
    """Return the logits of the classes at each letter of a sequence (at most 32 letters)."""
    tokens = ["^"] * PADDING + list(sequence)
    xs = [
        [a + b for a, b in zip(network["embedding"][token], network["positions"][place], strict=True)]
        for place, token in enumerate(tokens)
    ]
    xs = add(xs, *(attend(head, xs) for head in network["heads_1"]))
    xs = add(xs, [apply(network["rotor_1"]["out"], point) for point in turn(network["rotor_1"], xs)])
    xs = add(xs, [perceptron(network["units_1"], x) for x in xs])
    xs = add(xs, *(attend(head, xs) for head in network["heads_2"]))
    xs = add(xs, [perceptron(network["units_2"], x) for x in xs])
    return [apply(network["rotor_2"]["out"], point) for point in turn(network["rotor_2"], xs)][PADDING:]


def classes(network, sequence):
    """Return the most likely class at each letter."""
    return [max(range(len(logits)), key=logits.__getitem__) for logits in run(network, sequence)]


def main():
    """Print the classes for every sequence."""
    network = load(Path(__file__).resolve().parent)
    for line in sys.stdin:
        print(*classes(network, line.strip()))


if __name__ == "__main__":
    main()
