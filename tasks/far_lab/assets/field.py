"""The world of `far_field`: posts and something unseen, a lamp whose light takes time, and pellets of four kinds.

What pulls a pellet falls off with the distance in one of two ways. A lamp that is lit at time 0 pushes once its light
has come, and more and more so as the pellet warms up. Moving pellets are turned aside. Two quantities survive a strike.
All readings go through one instrument, whose gain drifts with every experiment, and which flattens large values.
"""

import math

from worlds import BadSettings, World, draw, number, only, pick

KINDS = ("amber", "bone", "clay", "dusk")
POSTS = {"post_1": (0.0, 1.0), "post_2": (7.0, -4.0)}
LAMP = (-7.0, -5.0)


def strike(inertias, speeds, power):
    """Return the speeds after a strike: the sums of inertia times speed and times |speed| to a power stay."""
    (m, n), (u, v) = inertias, speeds
    common = (m * u + n * v) / (m + n)
    if u <= v:
        return [u, v]

    def kept(second):
        first = (m * u + n * v - n * second) / m
        return m * abs(first) ** power + n * abs(second) ** power

    wanted, low, high = kept(v), common, common + 1
    while kept(high) < wanted:
        high = common + 2 * (high - common)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) < wanted else (low, middle)
    return [(m * u + n * v - n * low) / m, low]


class FarField(World):
    """See above."""

    budget = 200
    levels = ((0.02, 1.0), (0.04, 0.75), (0.1, 0.5), (0.25, 0.2))

    def constants(self):
        rng = self.rng
        self.screened = rng.random() < 0.5
        self.fall = 1.0 if self.screened else pick(rng, (1.0, 1.25, 1.5, 2.0))
        self.reach = draw(rng, 5, 9) if self.screened else math.inf
        self.hidden = pick(rng, ((-8.5, 6.0), (-6.0, 8.5), (7.5, 7.5), (2.0, 9.0), (-9.0, 1.5)))
        self.hidden = tuple(at + draw(rng, -0.7, 0.7) for at in self.hidden)
        signs = pick(rng, ((1, 1, -1), (1, -1, 1), (-1, 1, 1), (1, -1, -1)))
        strengths = [draw(rng, 4, 7), draw(rng, 5, 9), draw(rng, 10, 16)]
        scale = 1.3 if self.screened else 3 ** (self.fall - 1)
        self.sources = [
            (*place, scale * sign * strength)
            for place, sign, strength in zip([*POSTS.values(), self.hidden], signs, strengths, strict=True)
        ]
        self.charge = dict(
            zip(KINDS, (1.0, draw(rng, -1.6, -0.8), draw(rng, 0.35, 0.6), draw(rng, 1.5, 2.2)), strict=True)
        )
        self.inertia = {kind: draw(rng, 2, 6) for kind in KINDS}
        self.colour = {kind: draw(rng, 0.5, 2.0) * pick(rng, (1, -1)) for kind in KINDS}
        self.light, self.warmth = draw(rng, 1.2, 2.2), draw(rng, 0.8, 2.0)
        self.lamp, self.brightness_power = draw(rng, 4, 6), pick(rng, (0.5, 1.0, 1.5))
        self.turning = draw(rng, 0.1, 0.25) * pick(rng, (1, -1))
        self.kept = pick(rng, (1.5, 2.5, 3.0))
        self.gain, self.slope, self.wave = (
            draw(rng, 0.85, 1.2),
            draw(rng, 0.1, 0.2) * pick(rng, (1, -1)),
            draw(rng, 0.03, 0.06),
        )
        self.period, self.phase = draw(rng, 75, 130), draw(rng, 0, 6.28)
        self.flat, self.zero = draw(rng, 40, 80), draw(rng, 0.05, 0.15) * pick(rng, (1, -1))

    # What happens

    def push(self, kind, x, y, brightness, time):
        """Return the force on a pellet."""
        fx = fy = 0.0
        for at_x, at_y, strength in self.sources:
            dx, dy = x - at_x, y - at_y
            r = math.hypot(dx, dy)
            size = self.charge[kind] * strength * r**-self.fall * math.exp(-r / self.reach) / r
            fx, fy = fx + size * dx, fy + size * dy
        if brightness:
            dx, dy = x - LAMP[0], y - LAMP[1]
            r = math.hypot(dx, dy)
            late = time - r / self.light
            if late > 0:
                size = self.colour[kind] * self.lamp * brightness**self.brightness_power / r / r
                size *= 1 - math.exp(-late / self.warmth)
                fx, fy = fx + size * dx, fy + size * dy
        return fx, fy

    def slopes(self, c, state, time):
        """Return the derivatives of place and speed of a flight."""
        x, y, vx, vy = state
        fx, fy = self.push(c["pellet"], x, y, c["lamp"], time)
        m = self.inertia[c["pellet"]]
        return vx, vy, fx / m - self.turning * vy, fy / m + self.turning * vx

    def flight(self, c, near=None, step=0.04):
        """Return where a pellet is after a flight; *near* collects how close it came to what pulls it."""
        state, time = (c["x"], c["y"], c["vx"], c["vy"]), 0.0
        steps = max(1, round(c["time"] / step))
        h = c["time"] / steps
        for _ in range(steps):  # the classical method of Runge and Kutta
            a = self.slopes(c, state, time)
            b = self.slopes(c, tuple(s + h / 2 * d for s, d in zip(state, a, strict=True)), time + h / 2)
            e = self.slopes(c, tuple(s + h / 2 * d for s, d in zip(state, b, strict=True)), time + h / 2)
            f = self.slopes(c, tuple(s + h * d for s, d in zip(state, e, strict=True)), time + h)
            state = tuple(s + h / 6 * (p + 2 * q + 2 * r + w) for s, p, q, r, w in zip(state, a, b, e, f, strict=True))
            time += h
            if near is not None:
                near.append(min(math.hypot(state[0] - x, state[1] - y) for x, y, _ in self.sources))
        return list(state[:2])

    def truth(self, condition):
        """Return what the condition leads to."""
        c = condition
        if c["do"] == "hold":
            return list(self.push(c["pellet"], c["x"], c["y"], c["lamp"], c["time"]))
        if c["do"] == "fly":
            return self.flight(c)
        speeds, inertias = list(c["speeds"]), [self.inertia[kind] for kind in c["pellets"]]
        for i in range(len(speeds) - 1):  # each pellet strikes the next one once
            speeds[i : i + 2] = strike(inertias[i : i + 2], speeds[i : i + 2], self.kept)
        return speeds

    def error(self, condition, found):
        """Return the error in parts of the truth, for a flight in parts of the way from its beginning."""
        truth = self.truth(condition)
        if condition["do"] != "fly":
            return super().error(condition, found)
        return math.dist(truth, found) / math.dist(truth, (condition["x"], condition["y"]))

    # The laboratory

    def check(self, settings):
        """Return the settings, checked."""
        do = settings.get("do")
        if do == "gauge":
            only(settings, ("do", "length"))
            return {"do": do, "length": number(settings, "length", 0.05, 20)}
        if do == "strike":
            only(settings, ("do", "pellets", "speeds"))
            pellets, speeds = settings.get("pellets"), settings.get("speeds")
            if not isinstance(pellets, list) or not isinstance(speeds, list) or not len(pellets) == len(speeds) == 2:
                raise BadSettings("pellets and speeds must be lists of two")
            for kind in pellets:
                self.kind(kind)
            return {"do": do, "pellets": pellets, "speeds": [number({"speed": s}, "speed", -4, 4) for s in speeds]}
        if do not in ("hold", "fly"):
            raise BadSettings("do must be gauge, hold, strike or fly")
        names = {"x": (-6, 6), "y": (-6, 6), "lamp": (0, 3), "time": (0, 8 if do == "hold" else 6)}
        if do == "fly":
            names |= {"vx": (-3, 3), "vy": (-3, 3)}
        only(settings, ("do", "pellet", *names))
        checked = {name: number(settings, name, *limits) for name, limits in names.items()}
        if any(math.dist((checked["x"], checked["y"]), place) < 0.8 for place in POSTS.values()):
            raise BadSettings("that is too near to a post")
        return {"do": do, "pellet": self.kind(settings.get("pellet")), **checked}

    @staticmethod
    def kind(name):
        """Return the kind of a pellet."""
        if name not in KINDS:
            raise BadSettings(f"a pellet must be one of {', '.join(KINDS)}")
        return name

    def price(self, settings):
        """Return how much of the budget an experiment takes."""
        del settings
        return 1

    def reading(self, value, done, noise):
        """Return what the instrument shows of a value."""
        gain = self.gain * (
            1 + self.slope * done / 200 + self.wave * math.sin(2 * math.pi * done / self.period + self.phase)
        )
        shown = gain * value / (1 + abs(value) / self.flat)
        return shown + self.zero + noise * (0.0015 * abs(shown) + 0.002)

    def measure(self, settings, key, done):
        """Return what the laboratory sees."""
        do = settings["do"]
        if do == "gauge":
            values, names = [settings["length"]], ["length"]
        elif do == "strike":
            values, names = self.truth(settings)[:1], ["speed_1"]
        else:
            values, names = self.truth(settings), ["fx", "fy"] if do == "hold" else ["x", "y"]
        noises = self.noise(key, len(values))
        return {n: self.reading(v, done, noise) for n, v, noise in zip(names, values, noises, strict=True)}

    # What is held out

    def far_place(self, rng):
        """Return a place outside of the table, not too near to anything."""
        while True:
            x, y = draw(rng, -12, 12), draw(rng, -12, 12)
            places = [source[:2] for source in self.sources] + [LAMP]
            if max(abs(x), abs(y)) > 7 and all(math.dist((x, y), place) > 2 for place in places):
                return {"x": round(x, 2), "y": round(y, 2)}

    def hold(self, rng, lamp, near):
        """Return a held pellet: in the dark or lit, anywhere or near to what is not seen."""
        while True:
            c = {"do": "hold", "pellet": pick(rng, KINDS), **self.far_place(rng), "lamp": 0.0, "time": 0.0}
            if lamp:
                c |= {"lamp": round(draw(rng, 4, 8), 2), "time": round(draw(rng, 3, 16), 2)}
            if near and math.dist((c["x"], c["y"]), self.hidden) > 4:
                continue
            force = self.truth(c)
            dark = self.push(c["pellet"], c["x"], c["y"], 0, 0)
            if math.hypot(*force) > 0.25 and (not lamp or math.dist(force, dark) > 0.4 * math.hypot(*force)):
                return c

    def strike(self, rng, count):
        """Return a strike, or a chain of strikes, from which all speeds are asked."""
        while True:
            pellets = [pick(rng, KINDS) for _ in range(count)]
            speeds = [round(draw(rng, 5, 9), 2)] + [round(draw(rng, -3, 2), 2) for _ in range(count - 1)]
            chain = {"do": "strike", "pellets": pellets, "speeds": speeds}
            if len(set(pellets)) == count and self.real(chain):
                return chain

    def real(self, chain):
        """Return whether each pellet of a chain does strike the next one, and none a second time."""
        speeds, inertias = list(chain["speeds"]), [self.inertia[kind] for kind in chain["pellets"]]
        for i in range(len(speeds) - 1):
            if speeds[i] <= speeds[i + 1] + 1:
                return False
            speeds[i : i + 2] = strike(inertias[i : i + 2], speeds[i : i + 2], self.kept)
        return all(left < right for left, right in zip(speeds, speeds[1:]))  # noqa: B905, RUF007

    def fly(self, rng, lamp):
        """Return a long flight that comes near to nothing and is not too sensitive."""
        while True:
            c = {"do": "fly", "pellet": pick(rng, KINDS), "lamp": round(draw(rng, 3, 7), 2) if lamp else 0.0}
            # Lit flights begin on the lamp's side of the table.
            c |= {name: round(draw(rng, -8, 2 if lamp else 8), 2) for name in ("x", "y")}
            c |= {name: round(draw(rng, -3.5, 3.5), 2) for name in ("vx", "vy")}
            c["time"] = round(draw(rng, 7, 10), 2)
            if self.good_flight(c):
                return c

    def good_flight(self, c):
        """Return whether a flight can be asked for; looked at with steps that are coarse, for the sake of speed."""
        start, near = (c["x"], c["y"]), []
        if any(math.dist(start, source[:2]) < 2 for source in self.sources):
            return False
        end = self.flight(c, near, 0.25)
        way = math.dist(end, start)
        if min(near) <= 2 or way <= 5 or max(map(abs, end)) >= 25:
            return False
        # Where the lamp shines it must tell, so that a flight in the dark is not good enough.
        if c["lamp"] and math.dist(end, self.flight({**c, "lamp": 0.0}, None, 0.25)) < 0.2 * way:
            return False
        moved = [self.flight({**c, name: c[name] + 0.01}, None, 0.25) for name in ("vx", "vy")]
        return all(math.dist(end, other) < 0.18 for other in moved)

    def conditions(self, part="held out"):
        """Return the 30 conditions that are held out, or five for practice; the difficult ones come last."""
        rng = self.stream(part)
        plan = (6, 4, 6, 4, 2, 3, 5) if part == "held out" else (1, 0, 1, 1, 0, 1, 1)
        makers = [
            lambda: self.hold(rng, lamp=False, near=False),
            lambda: self.hold(rng, lamp=False, near=True),
            lambda: self.hold(rng, lamp=True, near=False),
            lambda: self.strike(rng, 2),
            lambda: self.strike(rng, 3),
            lambda: self.fly(rng, lamp=False),
            lambda: self.fly(rng, lamp=True),
        ]
        return [make() for count, make in zip(plan, makers, strict=True) for _ in range(count)]
