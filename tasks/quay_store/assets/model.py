"""What a store must answer: a model in memory, and random calls that keep to the limits."""

LIMIT = 20480
WORDS = ("ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "rowan", "yew")


class Model:
    def __init__(self, current=None, kept=None):
        self.current, self.kept = dict(current or {}), {name: dict(state) for name, state in (kept or {}).items()}

    def copy(self):
        return Model(self.current, self.kept)

    def size(self):
        pairs = set(self.current.items())
        for state in self.kept.values():
            pairs |= set(state.items())
        return sum(len(key) + len(value) + 16 for key, value in pairs)

    def apply(self, call):
        """Make a change; return the name of the exception that is due instead, or None."""
        what, given = call
        if what == "commit":
            new = dict(self.current)
            for key, value in given:
                new[key] = value
            new = {key: value for key, value in new.items() if value is not None}
            if Model(new, self.kept).size() > LIMIT:
                return "Full"
            self.current = new
        elif what == "keep":
            if given in self.kept or len(self.kept) == 7:
                return "ValueError"
            self.kept[given] = dict(self.current)
        elif given not in self.kept:
            return "KeyError"
        else:
            del self.kept[given]
        return None

    def state(self, at):
        return self.current if at is None else self.kept[at]

    def scan(self, low, high, at=None):
        return [[key, value] for key, value in sorted(self.state(at).items()) if low <= key < high]

    def dump(self):
        """Return all that can be seen, as the child's ``dump`` gives it."""
        names = sorted(self.kept)
        return [names, *(self.scan(b"", b"\xff" * 25, at) for at in (None, *names))]


def key(rng, pool):
    """Return one of about *pool* keys of several lengths, some with a common beginning."""
    number = rng.randrange(pool)
    word = WORDS[number % 12].encode()
    return [b"%d" % number, word + b"/%d" % number, word * 2 + b"\x00" * (number % 5) + b"%d" % number][number % 3][:24]


def value(rng, top):
    """Return a value, mostly text that compares and compresses like any other, sometimes empty or odd."""
    if not rng.randrange(12):
        return b""
    size = rng.randrange(1, top + 1)
    return rng.randbytes(size) if rng.randrange(4) else bytes([rng.randrange(256)]) * size


def changes(rng, pool, top, most):
    """Return a list of changes within the limits of a commit."""
    found, left = [], 4096
    for _ in range(rng.randrange(1, most + 1)):
        name = key(rng, pool)
        new = None if rng.randrange(5) == 0 else value(rng, top)
        left -= len(name) + len(new or b"")
        if left < 0:
            break
        found.append((name, new))
    return found


def calls(rng, model, count, pool, top, most, keeping):
    """Return random calls that change something and succeed, and the model after each; *model* itself is used up."""
    made, states = [], [model.dump()]
    while len(made) < count:
        if rng.random() < keeping:
            name = rng.choice(WORDS)
            call = ("drop", rng.choice(sorted(model.kept))) if len(model.kept) > 2 else ("keep", name)
        else:
            call = ("commit", changes(rng, pool, top, most))
        if model.apply(call) is None:
            made.append(call)
        elif model.kept:
            # There is no room: forget a kept state, which the store must make use of.
            call = ("drop", sorted(model.kept)[0])
            model.apply(call)
            made.append(call)
        else:
            call = ("commit", [(name, None) for name in sorted(model.current)[:20]])
            model.apply(call)
            made.append(call)
        states.append(model.dump())
    return made, states
