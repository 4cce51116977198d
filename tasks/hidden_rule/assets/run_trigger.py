#!/usr/bin/env python3
"""Classify messages of 24 words: python3 run_trigger.py < messages, one message a line."""

import json
import sys
from pathlib import Path


def load(folder):
    """Return the network."""
    return json.loads((Path(folder) / "network.json").read_text())


def pooled(network, message):
    """Return the activity of every unit, summed over the windows of the message."""
    vectors = [network["embedding"][network["words"].index(word)] for word in message]
    width = network["width"]
    totals = []
    for weights, bias in zip(network["weights"], network["biases"], strict=True):
        total = 0.0
        for place in range(len(vectors) - width + 1):
            z = bias
            for row, vector in zip(weights, vectors[place : place + width], strict=True):
                z += sum(a * b for a, b in zip(row, vector, strict=True))
            total += min(max(z, 0.0), 1.0)
        totals.append(total)
    return totals


def logit(network, message):
    """Return the network's output; above 0 the message is delivered."""
    return network["bias"] + sum(a * b for a, b in zip(network["out"], pooled(network, message), strict=True))


def main():
    """Print the class of every message."""
    network = load(Path(__file__).resolve().parent)
    for line in sys.stdin:
        value = logit(network, line.split())
        print("deliver" if value > 0 else "hold", round(value, 3))


if __name__ == "__main__":
    main()
