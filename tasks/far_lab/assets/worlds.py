"""The simple worlds of the laboratory, `pulley` and `damping`, and what all worlds have in common."""

import math
import random


def draw(rng, low, high):
    """Return a number between two others."""
    return low + (high - low) * rng.random()


def pick(rng, items):
    """Return one of *items*."""
    return items[int(rng.random() * len(items))]


class BadSettings(ValueError):
    """The settings are not those of an experiment; the text says why."""


def number(settings, name, low, high):
    """Return a setting, rounded to the laboratory's fineness."""
    value = settings.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BadSettings(f"{name} must be a number from {low:g} to {high:g}")
    return round(float(value), 4)


def only(settings, names):
    """Refuse settings that are unknown."""
    for name in settings:
        if name not in names:
            raise BadSettings(f"unknown setting {name[:20]!r}; known are {', '.join(names)}")


class World:
    """A world: its constants follow from the seed, and so does the noise of a measurement from its settings."""

    levels = ((0.02, 1.0), (0.06, 0.5))

    def __init__(self, task, seed):
        self.task, self.seed = task, seed
        self.rng = self.stream("constants")
        self.constants()

    def stream(self, purpose):
        """Return a source of random numbers of its own for a purpose."""
        return random.Random(f"{self.seed}:{self.task}:{purpose}")

    def noise(self, key, count=1):
        """Return *count* numbers around 0 with a standard deviation of 1, which follow from the settings."""
        rng = self.stream(f"noise:{key}")
        return [sum(rng.random() for _ in range(12)) - 6 for _ in range(count)]

    def error(self, condition, found):
        """Return how far a prediction is from the truth, in parts of the truth."""
        truth = self.truth(condition)
        return math.dist(truth, found) / math.hypot(*truth)

    def worth(self, condition, found):
        """Return the score of one prediction."""
        error = self.error(condition, found)
        return next((worth for limit, worth in self.levels if error <= limit), 0.0)


class Pulley(World):
    """The time of a descent is a product of powers of load and drop."""

    budget = 12

    def constants(self):
        self.load_power = pick(self.rng, (-1.5, -1.0, -0.5, 0.5, 1.5))
        self.drop_power = pick(self.rng, (0.5, 1.5, 2.0))
        self.scale = draw(self.rng, 0.7, 4.0)

    def truth(self, condition):
        """Return the time of a descent."""
        return [self.scale * condition["load"] ** self.load_power * condition["drop"] ** self.drop_power]

    def check(self, settings):
        """Return the settings, checked."""
        only(settings, ("load", "drop"))
        return {"load": number(settings, "load", 1, 8), "drop": number(settings, "drop", 1, 8)}

    def price(self, settings):
        """Return how much of the budget an experiment takes."""
        del settings
        return 1

    def measure(self, settings, key, done):
        """Return what the laboratory sees."""
        del done
        return {"time": self.truth(settings)[0] * (1 + 0.003 * self.noise(key)[0])}

    def conditions(self):
        """Return the conditions that are held out."""
        rng = self.stream("held out")
        return [{"load": round(draw(rng, 16, 40), 1), "drop": round(draw(rng, 16, 40), 1)} for _ in range(6)]


class Damping(World):
    """A sled is slowed by its bath, and from some speed on, which hangs on its load, by its own wake as well."""

    budget = 60
    levels = ((0.02, 1.0), (0.04, 0.75), (0.1, 0.4))

    def constants(self):
        rng = self.rng
        self.k, self.fill_power = draw(rng, 0.6, 1.2), pick(rng, (0.5, 1.0, 1.5))
        self.speed_power = pick(rng, (0.5, 1.0, 1.25))
        self.onset, self.load_power = draw(rng, 6.2, 7.5), pick(rng, (-0.4, -0.3, 0.3, 0.4))
        self.wake_power = pick(rng, (1.0, 2.0))
        # At a speed of 15, 8 above the onset, the wake is about as strong as a bath of fill 1.
        self.wake = draw(rng, 0.9, 1.5) * self.k * 15**self.speed_power / 8**self.wake_power

    def force(self, load, fill, speed):
        """Return the force that slows a sled of this load in a bath of this fill."""
        excess = speed - self.onset * load**self.load_power
        bath = self.k * fill**self.fill_power * speed**self.speed_power
        return bath + (self.wake * excess**self.wake_power if excess > 0 else 0.0)

    def calm(self, load, fill, speed):
        """Return the way to a standstill as it would be without a wake."""
        power = 2 - self.speed_power
        return load * speed**power / (self.k * fill**self.fill_power * power)

    def truth(self, condition):
        """Return the way to a standstill: the integral of load times speed over force."""
        load, fill, speed = condition["load"], condition["fill"], condition["speed"]
        onset = min(speed, self.onset * load**self.load_power)
        way, steps = self.calm(load, fill, onset), 40
        width = (speed - onset) / steps
        for i in range(steps):  # Simpson's rule on each step
            left = onset + i * width
            for share, weight in ((0.0, 1), (0.5, 4), (1.0, 1)):
                at = left + share * width
                way += weight * width / 6 * load * at / self.force(load, fill, at)
        return [way]

    def check(self, settings):
        """Return the settings, checked."""
        only(settings, ("speed", "load", "fill"))
        limits = {"speed": (0.5, 14), "load": (1, 5), "fill": (0.2, 1.5)}
        return {name: number(settings, name, *limit) for name, limit in limits.items()}

    def price(self, settings):
        """Return how much of the budget an experiment takes: fast runs need the long hall."""
        return 2 if settings["speed"] > 5 else 1

    def measure(self, settings, key, done):
        """Return what the laboratory sees."""
        del done
        return {"way": self.truth(settings)[0] * (1 + 0.004 * self.noise(key)[0])}

    def conditions(self):
        """Return the conditions that are held out, the slow ones first."""
        rng, found = self.stream("held out"), []
        while len(found) < 20:
            slow = len(found) < 4
            speed, load = draw(rng, 1, 5) if slow else draw(rng, 16, 24), draw(rng, 1, 9)
            fill = draw(rng, 1.6, 3) if slow else draw(rng, 0.2, 0.8)
            condition = {"speed": round(speed, 2), "load": round(load, 2), "fill": round(fill, 2)}
            # In the fast ones the wake must tell, so that the law of the slow ones is not good enough.
            if slow or self.truth(condition)[0] < 0.75 * self.calm(load, fill, speed):
                found.append(condition)
        return found
