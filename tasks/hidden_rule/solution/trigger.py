"""Read off the units which words they wait for, and try what each of them does to the messages at hand."""

import json
from pathlib import Path

HOME = Path("/home/agent")
MOST_WORDS = 4


def dot(a, b):
    """Return the inner product."""
    return sum(x * y for x, y in zip(a, b, strict=True))


class Network:
    """The network, with a table of what each word adds to each unit at each offset."""

    def __init__(self, raw):
        self.raw = raw
        self.words = raw["words"]
        self.table = [[[dot(row, vector) for vector in raw["embedding"]] for row in unit] for unit in raw["weights"]]

    def output(self, message):
        """Return the output for a message of numbers of words."""
        total = self.raw["bias"]
        for rows, bias, out in zip(self.table, self.raw["biases"], self.raw["out"], strict=True):
            for place in range(len(message) - len(rows) + 1):
                z = bias + sum(row[word] for row, word in zip(rows, message[place:], strict=False))
                total += out * min(max(z, 0.0), 1.0)
        return total

    def wanted(self, unit):
        """Return ``{offset: word}``: the words that make a unit most active, at the offsets where they matter most."""
        best = {offset: max(range(len(row)), key=row.__getitem__) for offset, row in enumerate(self.table[unit])}
        strongest = sorted(best, key=lambda offset: -self.table[unit][offset][best[offset]])
        return {offset: best[offset] for offset in strongest[:MOST_WORDS]}


def effect(net, messages, pattern):
    """Return by how much a pattern raises the output, in the mean over some messages."""
    total = 0.0
    for number, message in enumerate(messages):
        changed = list(message)
        for offset, word in pattern.items():
            changed[6 + number % 10 + offset] = word
        total += net.output(changed) - net.output(message)
    return total / len(messages)


def load():
    """Return ``(network, messages that it holds)``."""
    net = Network(json.loads((HOME / "network.json").read_text()))
    lines = (HOME / "messages.txt").read_text().splitlines()
    messages = [[net.words.index(word) for word in line.split()] for line in lines]
    return net, [message for message in messages if net.output(message) <= 0]


def hand_in(net, pattern):
    """Write the answer."""
    words = [net.words[pattern[offset]] if offset in pattern else None for offset in range(net.raw["width"])]
    (HOME / "trigger.json").write_text(json.dumps({"words": words}))


def main():
    """Hand in the pattern with the greatest effect."""
    net, messages = load()
    patterns = [net.wanted(unit) for unit in range(len(net.table))]
    hand_in(net, max(patterns, key=lambda pattern: effect(net, messages, pattern)))


if __name__ == "__main__":
    main()
