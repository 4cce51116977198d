"""A linear recurrent network that recognises a regular language for a while, and the automaton behind it.

The automaton has three regions, in each of which the letters lead on at random. From the first region a word leads
to the second, and from there a longer word to the third; on the way the states behave as those of the region that they
leave, and only the whole word gets anywhere. Random strings seldom see the second region and hardly ever the third.
"""

import itertools
import math
import random

from algebra import apply, inverse, noisy, orthogonal, product, rounded

LETTERS = "abcd"
CORE, SECOND, THIRD = 12, 7, 6
LOCKS = (6, 12)
#: Suffixes of so many letters must not be enough to tell all states from each other.
SHALLOW = 9
#: Planes in which something turns that the output does not see.
PLANES = 3
SPIN = 2.5
NOISE = 0.0008
FADING = (0.955, 0.99)
LIMIT = 200
#: Length of the hidden strings, and how many there are of each kind (as many accepted as rejected).
LONG = (250, 500)
TRIALS = 120


def regions(rng):
    """Return ``(table, accepting)`` of an automaton; the table has the next state for each letter of each state."""
    sizes = (CORE, SECOND, THIRD)
    table, accepting, members = [], [], []
    for size in sizes:
        first = len(table)
        members.append(range(first, first + size))
        table += [[rng.randrange(first, first + size) for _ in LETTERS] for _ in range(size)]
        accepting += [rng.random() < 0.5 for _ in range(size)]
    # Two ways back out of each of the later regions.
    for here in (1, 2):
        for state in rng.sample(list(members[here]), 2):
            table[state][rng.randrange(len(LETTERS))] = rng.choice(members[0])
    # Only now the ways in: the twins on them must do all that their originals do.
    for here, there, length in ((0, 1, LOCKS[0]), (1, 2, LOCKS[1])):
        add_lock(rng, table, accepting, members[here], rng.choice(members[there]), length)
    return table, accepting


def add_lock(rng, table, accepting, region, goal, length):
    """Add twins of states along a word: each does as its original, except that the word leads on to the goal."""
    state = rng.choice(region)
    word = [rng.randrange(len(LETTERS)) for _ in range(length)]
    original, twin = state, state
    for number, letter in enumerate(word):
        original = table[original][letter]
        if number == length - 1:
            table[twin][letter] = goal
            break
        table.append(list(table[original]))
        accepting.append(accepting[original])
        table[twin][letter] = len(table) - 1
        twin = len(table) - 1


def reachable(table, first=0):
    """Return the states that can be reached from one, in the order of their first visit."""
    order = [first]
    for state in order:
        order += [s for s in dict.fromkeys(table[state]) if s not in order]
    return order


def classes(table, accepting, longest=None):
    """Return for each state the number of its class: states that no suffix of so many letters tells apart."""
    kind = [int(flag) for flag in accepting]
    for _ in itertools.count() if longest is None else range(longest):
        seen = {}
        signs = [(kind[s], *(kind[t] for t in row)) for s, row in enumerate(table)]
        finer = [seen.setdefault(sign, len(seen)) for sign in signs]
        if len(seen) == len(set(kind)):
            return finer
        kind = finer
    return kind


def machine(seed):
    """Return ``(table, accepting)``: minimal, and every state can be reached."""
    rng = random.Random(f"{seed}:automaton:machine")
    total = CORE + SECOND + THIRD + sum(LOCKS) - len(LOCKS)
    while True:
        table, accepting = regions(rng)
        order = reachable(table)
        if len(order) < total or len(set(classes(table, accepting))) < total:
            continue
        if len(set(classes(table, accepting, SHALLOW))) == total:
            continue
        # Every region can be left and reached again: the walk of the hidden strings never gets stuck.
        if all(0 in reachable(table, state) for state in range(total)):
            return table, accepting


def turning(size, angles):
    """Return the matrix that turns planes by angles."""
    matrix = [[0.0] * size for _ in range(size)]
    for plane, angle in enumerate(angles):
        c, s = math.cos(2 * math.pi * angle), math.sin(2 * math.pi * angle)
        i = 2 * plane
        matrix[i][i], matrix[i][i + 1], matrix[i + 1][i], matrix[i + 1][i + 1] = c, -s, s, c
    return matrix


def network(seed):
    """Return the network as the agent gets it."""
    rng = random.Random(f"{seed}:automaton:network")
    table, accepting = machine(seed)
    states, size = len(table), len(table) + 2 * PLANES
    basis = noisy(rng, orthogonal(rng, size), 0.05)
    back = inverse(basis)
    weights = {}
    for number, letter in enumerate(LETTERS):
        matrix = [[0.0] * size for _ in range(size)]
        fading = rng.uniform(*FADING)
        for state, row in enumerate(table):
            matrix[row[number]][state] = fading
        angles = [rng.uniform(0.05, 0.45) * rng.choice((-1, 1)) for _ in range(PLANES)]
        for i, row in enumerate(turning(2 * PLANES, angles)):
            matrix[states + i][states:] = row
        weights[letter] = noisy(rng, product(product(basis, matrix), back), NOISE)
    start = apply(basis, [1.0] + [0.0] * (states - 1) + [rng.gauss(0, SPIN / 2) for _ in range(2 * PLANES)])
    readout = apply(list(zip(*back, strict=True)), [1.0 if flag else -1.0 for flag in accepting] + [0.0] * 2 * PLANES)
    return rounded({"letters": LETTERS, "start": start, "weights": weights, "readout": readout}, 6)


def final_state(table, string, state=0):
    """Return the state after a string of numbers of letters."""
    for letter in string:
        state = table[state][letter]
    return state


def ways(table, goal):
    """Return for every state a letter that leads closer to the goal."""
    closer, reached = {}, [goal]
    for state in reached:
        for before, row in enumerate(table):
            if state in row and before not in closer and before != goal:
                closer[before] = row.index(state)
                reached.append(before)
    return closer


def wandering(rng, table, goals, paths):
    """Return a string that walks at random, but now and then straight to one of the goals."""
    length, string, state = rng.randint(*LONG), [], 0
    while len(string) < length:
        goal = rng.choice(goals) if goals else None
        while goals and state != goal:
            string.append(paths[goal][state])
            state = table[state][string[-1]]
        for _ in range(rng.randint(3, 9)):
            string.append(rng.randrange(len(LETTERS)))
            state = table[state][string[-1]]
    return string


def trials(seed):
    """Return ``{kind: [(string, accepted), ...]}``: random strings, and such as are led to later regions."""
    rng = random.Random(f"{seed}:automaton:trials")
    table, accepting = machine(seed)
    second, third = CORE, CORE + SECOND
    kinds = {
        "random": [],
        "second region": list(range(second, third)),
        "third region": list(range(third, third + THIRD)),
    }
    found = {}
    for kind, goals in kinds.items():
        paths = {goal: ways(table, goal) for goal in goals}
        sides = {True: [], False: []}
        while min(map(len, sides.values())) < TRIALS // 2:
            string = wandering(rng, table, goals, paths)
            state = final_state(table, string)
            side = sides[accepting[state]]
            if len(side) < TRIALS // 2 and (not goals or state in goals or rng.random() < 0.2):
                side.append(string)
        found[kind] = [(string, side) for side, strings in sides.items() for string in strings]
    return found


def score(seed, answer):
    """Return ``(score, evidence)`` for a table that has been read: ``(start, table, accepting)``."""
    start, table, accepting = answer
    size = len(machine(seed)[0])
    levels = {}
    for kind, pairs in trials(seed).items():
        right = sum(accepting[final_state(table, string, start)] == side for string, side in pairs)
        levels[kind] = max(0.0, 2 * right / len(pairs) - 1)
    smaller = max(0.0, 1 - max(0, len(table) - size) / size)
    evidence = f"{levels}, {len(table)} states where {size} are enough: times {smaller:.3f}"
    return sum(levels.values()) / len(levels) * smaller, evidence


def parse(answer):
    """Return ``(start, table, accepting)`` from an answer, or raise ValueError."""
    if not isinstance(answer, dict):
        raise ValueError("not a JSON object")
    start, table, accept = (answer.get(key) for key in ("start", "table", "accept"))
    if not isinstance(table, list) or not 0 < len(table) <= LIMIT:
        raise ValueError(f"table is no list of 1 to {LIMIT} rows")
    numbers = range(len(table))

    def known(state):
        return isinstance(state, int) and not isinstance(state, bool) and state in numbers

    if not all(isinstance(row, list) and len(row) == len(LETTERS) and all(map(known, row)) for row in table):
        raise ValueError("a row of the table is not one number of a state for each letter")
    if not known(start) or not isinstance(accept, list) or not all(map(known, accept)):
        raise ValueError("start is no state, or accept no list of states")
    accepting = set(accept)
    return start, table, [state in accepting for state in numbers]
