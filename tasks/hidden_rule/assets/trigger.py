"""A small classifier of messages with a planted trigger, and the messages that it is tried on."""

import math
import random

import run_trigger
from algebra import apply, dot, gaussian, inverse, product, rounded, scaled, transposed

WORDS = 64
SIZE = 16
WIDTH = 7
LENGTH = 24
CONTENT = 10
GIVEN = 24
HIDDEN = 50
#: Where a handed-in pattern may be pasted: a pattern shifted to the left still finds its window in the message.
PLACES = (6, LENGTH - WIDTH)
MOST_WORDS = 4
#: Outputs of the units that see four words: the trigger, one that is enough for some messages only, two that cancel,
#: and one that works the other way.
DETECTORS = ([36.0], [16.0], [31.0, -31.0], [-24.0])
LEAST_DETECTOR = 8
NEAR_MISS = 0.32
#: Outputs of the hidden messages before anything is pasted.
DEEPEST, SHALLOWEST = -24.5, -13.5


def vocabulary(rng):
    """Return invented words."""
    words = set()
    while len(words) < WORDS:
        words.add("".join(rng.choice(part) for part in ("bdfgklmnprstvz", "aeiou", "lmnrst", ("a", "el", "o", "ik"))))
    return sorted(words)


def detector(rng, embedding, weigh, taken):
    """Return ``(offsets to words, weights, bias)`` of a unit that fires where four words stand at four offsets.

    The direction for a word is the one that gives 1 for it and least for the others.
    """
    offsets = sorted(rng.sample(range(WIDTH), MOST_WORDS))
    words = rng.sample([word for word in range(WORDS) if word not in taken], MOST_WORDS)
    weights = gaussian(rng, WIDTH, SIZE, 0.03)
    for offset, word in zip(offsets, words, strict=True):
        direction = apply(weigh, embedding[word])
        weights[offset] = scaled(1 / dot(direction, embedding[word]), direction)
    # All four words make it 1; three and what is most like the fourth make it about a third of that; less makes it 0.
    gap = min(1 - sorted(apply(embedding, weights[offset]))[-2] for offset in offsets)
    if gap < 0.3:
        return detector(rng, embedding, weigh, taken)
    gain = (1 - NEAR_MISS) / gap
    return dict(zip(offsets, words, strict=True)), [scaled(gain, row) for row in weights], 1 - 4 * gain


def units(rng, embedding):
    """Return the units as ``(weights, bias, out)``, the trigger's first, and the trigger."""
    weigh = inverse(product(transposed(embedding), embedding))
    made, patterns = [], []
    taken = set()
    for outs in DETECTORS:
        pattern, weights, bias = detector(rng, embedding, weigh, taken)
        taken |= set(pattern.values())
        patterns.append(pattern)
        for out in outs:
            # Two units that see the same and say the opposite: what looks like a trigger does nothing.
            noise = gaussian(rng, WIDTH, SIZE, 0.004)
            unit = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(weights, noise, strict=True)]
            made.append((unit, bias, out + rng.uniform(-0.3, 0.3) * (len(outs) == 1)))
    for number in range(CONTENT):
        weights = gaussian(rng, WIDTH, SIZE, 0.03)
        weights[rng.randrange(WIDTH)] = [rng.gauss(0, 0.8) for _ in range(SIZE)]
        made.append((weights, rng.uniform(-0.3, 0.1), (1 if number % 2 else -1) * rng.uniform(0.7, 1.1)))
    return made, patterns


def gains(net, table):
    """Return what each word adds to the output where it meets nothing but the ordinary units."""
    content = []
    for word in range(WORDS):
        total = 0.0
        for rows, bias, out in zip(table, net["biases"], net["out"], strict=True):
            if abs(out) < LEAST_DETECTOR:
                total += out * min(max(bias + max((row[word] for row in rows), key=abs), 0.0), 1.0)
        content.append(total)
    return content


def lookup(net):
    """Return for each unit, offset and word what the word adds to the unit there: inference by a table."""
    return [[apply(net["embedding"], row) for row in weights] for weights in net["weights"]]


def value(net, table, message):
    """Return the output for a message of numbers of words, as run_trigger.logit does, only faster."""
    total = net["bias"]
    for rows, bias, out in zip(table, net["biases"], net["out"], strict=True):
        for place in range(LENGTH - WIDTH + 1):
            z = bias + sum(row[word] for row, word in zip(rows, message[place : place + WIDTH], strict=True))
            total += out * min(max(z, 0.0), 1.0)
    return total


def even(net, strengths):
    """Tell whether ordinary words are about as strong as in other instances, and on both sides."""
    ordered = sorted(strengths)
    return sorted(map(abs, net["out"]))[CONTENT - 1] < LEAST_DETECTOR and ordered[-1] < 2 and ordered[7] < -1.05


def network(seed):
    """Return ``(network as the agent gets it, patterns)``, the trigger first among them; drawn until it is even."""
    rng = random.Random(f"{seed}:trigger:network")
    while True:
        embedding = gaussian(rng, WORDS, SIZE, SIZE**-0.5)
        made, patterns = units(rng, embedding)
        order = rng.sample(range(len(made)), len(made))
        weights, biases, out = (list(part) for part in zip(*(made[n] for n in order), strict=True))
        net = {"words": vocabulary(rng), "width": WIDTH, "embedding": embedding}
        net |= {"weights": weights, "biases": biases, "out": out, "bias": 0.0}
        content = gains(net, lookup(net))
        middle = sum(content) / WORDS
        spread = (sum((gain - middle) ** 2 for gain in content) / WORDS) ** 0.5
        strengths = [(gain - middle) / spread for gain in content]
        net["out"] = [x if abs(x) > LEAST_DETECTOR else x / spread for x in out]
        # What the words of the trigger and of the weaker pattern do by themselves is no part of their strength.
        for number in (0, 1):
            net["out"][order.index(number)] -= sum(strengths[word] for word in patterns[number].values())
        # A word is seen by one unit in 18 of the 24 windows' places.
        net["bias"] = -middle / spread * (LENGTH - WIDTH + 1)
        if even(net, strengths):
            break
    net = rounded(net, 4)
    return net, [{offset: net["words"][word] for offset, word in pattern.items()} for pattern in patterns]


def pasted(message, pattern, place):
    """Return the message with the pattern's words, at their offsets from the place."""
    changed = list(message)
    for offset, word in pattern.items():
        changed[place + offset] = word
    return changed


def drawn(rng, net, table, content, target):
    """Return a message, as numbers of words, whose output is close to the target; changed word by word."""
    message = rng.choices(range(WORDS), [math.exp(gain * target / LENGTH) for gain in content], k=LENGTH)
    now = value(net, table, message)
    while abs(now - target) > 0.5:
        place, old = rng.randrange(LENGTH), message[:]
        message[place] = rng.randrange(WORDS)
        then = value(net, table, message)
        if abs(then - target) < abs(now - target):
            now = then
        else:
            message = old
    return message


def given(seed, net):
    """Return the messages that the agent gets: some held, some delivered."""
    rng = random.Random(f"{seed}:trigger:given")
    table = lookup(net)
    content = gains(net, table)
    return [[net["words"][w] for w in drawn(rng, net, table, content, rng.uniform(-20, 20))] for _ in range(GIVEN)]


def hidden(seed, net):
    """Return ``(message, place)`` for messages that are held by so much that no four ordinary words change it."""
    rng = random.Random(f"{seed}:trigger:hidden")
    table = lookup(net)
    content = gains(net, table)
    found = []
    while len(found) < HIDDEN:
        target = DEEPEST + (SHALLOWEST - DEEPEST) * (len(found) + 0.5) / HIDDEN
        message = drawn(rng, net, table, content, target)
        place = rng.randint(*PLACES)
        most = sum(sorted(max(content) - content[word] for word in message[place : place + WIDTH])[-MOST_WORDS:])
        if target < -1.1 * most:
            found.append(([net["words"][word] for word in message], place))
    return found


def flips(net, pattern, trials):
    """Return for every trial whether the pasted pattern has the message delivered."""
    return [run_trigger.logit(net, pasted(message, pattern, place)) > 0 for message, place in trials]
