"""Reads and names the numbers of the market; words come from the receipts, the way of counting is stated."""

import json
import re
from pathlib import Path

HOME = Path("/home/agent")


def receipts():
    """Return the names of the numbers that the receipts tell."""
    names = {}
    for block in (HOME / "receipts.txt").read_text().split("\n\n"):
        _, told, words = block.strip().splitlines()
        count, price, total = re.fullmatch(r"(\S+) \w+ at (\S+) shells each: (\S+) shells", told.strip()).groups()
        first, second, third = words.strip().split(" / ")
        numbers = [None if text == "..." else int(text) for text in (count, price, total)]
        numbers[0] = numbers[0] or numbers[2] // numbers[1]
        numbers[1] = numbers[1] or numbers[2] // numbers[0]
        numbers[2] = numbers[2] or numbers[0] * numbers[1]
        for number, name in zip(numbers, (first.split()[1:], second.split()[1:], third.split()), strict=True):
            names[number] = name
    return names


class Names:
    """The way of counting; rules may be left out for the controls."""

    def __init__(self, skip=()):
        self.skip, names = skip, receipts()
        self.word = {number: name[0] for number, name in names.items() if len(name) == 1}
        self.less = names[23][-1]
        self.link = next(name[1] for number, name in names.items() if 24 < number < 30 and len(name) == 3)

    def name(self, number):
        if number % 24 == 23 and "less" not in self.skip:
            return [*self.name(number + 1), self.less]
        words = []
        for unit in (576, 24):
            times, number = divmod(number, unit)
            if times:
                words += (self.name(times) if times > 1 else []) + [self.word[unit]]
        if words and 0 < number < 6 and "link" not in self.skip:
            words.append(self.link)
        if number == 7 and "seven" not in self.skip:
            return [*words, self.word[7]]
        words += [self.word[number // 6 * 6]] if number > 5 else []
        return words + ([self.word[number % 6]] if number % 6 else [])


def answer(skip=()):
    names = Names(skip)
    items = json.loads((HOME / "items.json").read_text())
    numbers = {" ".join(names.name(number)): number for number in range(1, 3000)}
    result = {name: numbers.get(words, 0) for name, words in items["to digits"].items()}
    return result | {name: " ".join(names.name(number)) for name, number in items["to words"].items()}


def solve():
    (HOME / "answer.json").write_text(json.dumps(answer()))


if __name__ == "__main__":
    solve()
