#!/usr/bin/env python3
"""Tell which strings the network accepts: python3 run_automaton.py < strings, one string a line."""

import json
import sys
from pathlib import Path


def load(folder):
    """Return the network."""
    return json.loads((Path(folder) / "network.json").read_text())


def step(network, state, letter):
    """Return the hidden state after one more letter."""
    return [sum(a * b for a, b in zip(row, state, strict=True)) for row in network["weights"][letter]]


def output(network, state):
    """Return the output in this hidden state; above 0 the string is accepted."""
    return sum(a * b for a, b in zip(network["readout"], state, strict=True))


def run(network, string):
    """Return the output for a string."""
    state = network["start"]
    for letter in string:
        state = step(network, state, letter)
    return output(network, state)


def main():
    """Print what the network says of every string."""
    network = load(Path(__file__).resolve().parent)
    for line in sys.stdin:
        value = run(network, line.strip())
        print("accept" if value > 0 else "reject", f"{value:.5f}")


if __name__ == "__main__":
    main()
