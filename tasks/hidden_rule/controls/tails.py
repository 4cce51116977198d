"""States by what the network says of short suffixes: the automaton of short strings alone."""

import sys

sys.path.insert(0, "/home/agent/solution")
import automaton


def suffixes(network, longest):
    """Return the functionals `output after a suffix` for all suffixes of at most so many letters."""
    columns = [list(zip(*network["weights"][letter], strict=True)) for letter in network["letters"]]
    found = [network["readout"]]
    last = found
    for _ in range(longest):
        last = [[automaton.dot(f, column) for column in matrix] for f in last for matrix in columns]
        found = found + last
    return found


def hand_in_tails(longest):
    """Follow the letters from state to state, a state being what is said of the suffixes."""
    network = automaton.load()
    tests = suffixes(network, longest)
    hidden, numbers, table = [network["start"]], {}, []
    numbers[tuple(automaton.dot(f, hidden[0]) > 0 for f in tests)] = 0
    for state in hidden:
        table.append([])
        for letter in network["letters"]:
            after = [automaton.dot(row, state) for row in network["weights"][letter]]
            sign = tuple(automaton.dot(f, after) > 0 for f in tests)
            if sign not in numbers and len(hidden) < 200:
                numbers[sign] = len(hidden)
                hidden.append(after)
            table[-1].append(numbers.get(sign, 0))
    automaton.hand_in(table, [automaton.dot(network["readout"], state) > 0 for state in hidden])
