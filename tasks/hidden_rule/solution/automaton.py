"""Extract the automaton: forget what the output never sees, then follow the letters from state to state."""

import json
import math
from pathlib import Path

HOME = Path("/home/agent")
#: Two hidden states are one where their directions differ by less than this.
NEAR = 0.7


def dot(a, b):
    """Return the inner product."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def unit(vector):
    """Return the vector with length 1."""
    length = math.sqrt(dot(vector, vector))
    return [x / length for x in vector]


def rest(vector, basis):
    """Return what is left of a vector outside of an orthonormal basis."""
    for _ in range(2):
        for other in basis:
            part = dot(vector, other)
            vector = [x - part * y for x, y in zip(vector, other, strict=True)]
    return vector


def observable(network):
    """Return ``(basis, cuts)``: an orthonormal basis of the functionals `output after a suffix`, the clearest first.

    How much each functional adds to those before drops where only noise is left, and what turns unseen. The cuts are
    the three greatest drops, one of which ends what the output really depends on.
    """
    columns = {letter: list(zip(*matrix, strict=True)) for letter, matrix in network["weights"].items()}
    waiting = [unit(network["readout"])]
    left, basis, news = [waiting[0]], [], []
    while len(basis) < len(network["start"]) - 1:
        sizes = [dot(vector, vector) for vector in left]
        best = max(range(len(sizes)), key=sizes.__getitem__)
        news.append(math.sqrt(sizes[best]))
        functional, direction = waiting.pop(best), unit(rest(left.pop(best), basis))
        basis.append(direction)
        left = [rest(other, [direction]) for other in left]
        for matrix in columns.values():
            waiting.append(unit([dot(functional, column) for column in matrix]))
            left.append(rest(waiting[-1], basis))
    drops = sorted(range(len(news) // 2, len(news)), key=lambda i: -min(news[:i]) / news[i])
    return basis, drops[:3]


def solve(matrix, columns):
    """Return the solutions of a linear system, by elimination with pivots; columns is a list of right sides."""
    size = len(matrix)
    rows = [[*row, *(column[i] for column in columns)] for i, row in enumerate(matrix)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j in range(size):
            if j != i and rows[j][i]:
                factor = rows[j][i]
                rows[j] = [x - factor * y for x, y in zip(rows[j], rows[i], strict=True)]
    return [[row[size + k] for row in rows] for k in range(len(columns))]


def orthonormal(vectors):
    """Return an orthonormal basis of what the vectors span."""
    basis = []
    for vector in vectors:
        basis.append(unit(rest(vector, basis)))
    return basis


def unseen(network, basis):
    """Return an orthonormal basis of the directions that no letter turns into one that is seen.

    The functionals of long suffixes carry much noise. But the unseen directions stay unseen under each letter: they are
    the weakest of G = sum over letters of M' P M (P projects on what is seen), which inverse iteration finds.
    """
    size = len(basis[0])
    hidden = complement(basis, size)
    for _ in range(3):
        gram = [[1e-9 * (i == j) for j in range(size)] for i in range(size)]
        for matrix in network["weights"].values():
            columns = list(zip(*matrix, strict=True))
            images = [rest(list(column), hidden) for column in columns]
            for i, image in enumerate(images):
                gram[i] = [x + dot(image, other) for x, other in zip(gram[i], images, strict=True)]
        for _ in range(4):
            hidden = orthonormal(solve(gram, hidden))
    return hidden


def complement(basis, size):
    """Return an orthonormal basis of the directions outside of a basis."""
    found = []
    while len(basis) + len(found) < size:
        axes = [rest([float(i == j) for j in range(size)], [*basis, *found]) for i in range(size)]
        found.append(unit(max(axes, key=lambda axis: dot(axis, axis))))
    return found


def explore(network, ignored, near=NEAR, most=200):
    """Return ``(table, accepting, margin)``, one state for each cluster of hidden states outside of `ignored`.

    The margin is how much farther a new state is from all others, at least, than a known one is from its like.
    Each hidden state is cleared of the ignored directions before the next letter, or they would leak into the others.
    """
    seen = [unit(rest(network["start"], ignored))]
    table, widest, closest = [], 0.0, 2.0
    for state in seen:
        table.append([])
        for letter in network["letters"]:
            after = unit(rest([dot(row, state) for row in network["weights"][letter]], ignored))
            gaps = [math.dist(after, other) for other in seen]
            best = min(range(len(gaps)), key=gaps.__getitem__)
            if gaps[best] <= near or len(seen) == most:
                widest = max(widest, gaps[best])
            else:
                closest = min(closest, gaps[best])
                best = len(seen)
                seen.append(after)
            table[-1].append(best)
    return table, [dot(network["readout"], state) > 0 for state in seen], closest - widest


def minimal(table, accepting):
    """Return the automaton with equivalent states made one."""
    kind = [int(flag) for flag in accepting]
    while True:
        seen = {}
        signs = [(kind[s], *(kind[t] for t in row)) for s, row in enumerate(table)]
        finer = [seen.setdefault(sign, len(seen)) for sign in signs]
        done = len(seen) == len(set(kind))
        kind = finer
        if done:
            break
    rows, flags = {}, {}
    for state, number in enumerate(kind):
        rows.setdefault(number, [kind[t] for t in table[state]])
        flags.setdefault(number, accepting[state])
    return [rows[n] for n in range(len(rows))], [flags[n] for n in range(len(rows))]


def hand_in(table, accepting):
    """Write the answer."""
    answer = {"start": 0, "table": table, "accept": [state for state, flag in enumerate(accepting) if flag]}
    (HOME / "automaton.json").write_text(json.dumps(answer))


def load():
    """Return the network."""
    return json.loads((HOME / "network.json").read_text())


def extract(network):
    """Return the minimal automaton.

    With too long a basis something that turns is taken for a part of the state; with too short a one states lie
    close to each other. In both cases it is no longer clear which hidden states are one: the clearest is right.
    """
    basis, cuts = observable(network)
    found = [explore(network, unseen(network, basis[:cut])) for cut in cuts]
    print([(cut, len(table), round(margin, 2)) for cut, (table, _, margin) in zip(cuts, found, strict=True)])
    table, accepting, _ = max(found, key=lambda some: some[2])
    return minimal(table, accepting)


if __name__ == "__main__":
    hand_in(*extract(load()))
