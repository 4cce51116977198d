"""The world of `far_field`: experiments, instrument, field, lamp, strikes and flights, one after another."""

import math

import fit
import lab

KINDS = ("amber", "bone", "clay", "dusk")
POSTS = ((0.0, 1.0), (7.0, -4.0))
LAMP = (-7.0, -5.0)
LENGTHS = (5, 0.3, 12, 1.5, 20, 3, 8, 17)


def plan():
    """Return the experiments, without those with the gauge."""
    holds = []
    edge = [(x, y) for x in (-6, -3.6, -1.2, 1.2, 3.6, 6) for y in (-6, -2, 2, 6)]
    inner = [
        (1.5, 1),
        (-1.5, 1.4),
        (0.2, 2.6),
        (0.1, -1),
        (6, -2.5),
        (5, -4),
        (6, -5.5),
        (3, 4),
        (-3, 4.5),
        (-5, 5),
        (5, 5),
    ]
    for x, y in [*edge, *inner]:
        holds.append({"pellet": "amber", "x": x, "y": y, "lamp": 0, "time": 0})
    for kind in KINDS[1:]:
        for x, y in [(1.3, 1.2), (-1, 2), (6, -2.4), (-6, 6), (6, 6)]:
            holds.append({"pellet": kind, "x": x, "y": y, "lamp": 0, "time": 0})
    for time in (1.4, 1.7, 2, 2.3, 2.7, 3.2, 3.8, 4.6, 5.5, 6.6, 8):
        holds.append({"pellet": "amber", "x": -4.6, "y": -3.4, "lamp": 1.5, "time": time})
    for time in (3, 3.4, 3.8, 4.2, 4.6, 5, 5.5, 6, 6.5, 7.2, 8):
        holds.append({"pellet": "amber", "x": -1, "y": -3, "lamp": 3, "time": time})
    for kind in KINDS:
        for x, y, lamp in [(-4.5, -4, 1.5), (-5, -6, 1), (-3.5, -5, 2), (-6, -2.5, 1.2)]:
            holds.append({"pellet": kind, "x": x, "y": y, "lamp": lamp, "time": 8})
    for lamp in (0.3, 0.6, 1, 2, 3):
        holds.append({"pellet": "amber", "x": -3.5, "y": -4, "lamp": lamp, "time": 8})
    made = [{"do": "hold", **h} for h in holds]
    pairs = [(a, b) for a in KINDS for b in KINDS if a != b]
    for number, pair in enumerate(pairs):
        for speeds in ((4, -4), (4, 0)) if number % 2 else ((4, -3), (3.5, -1)):
            made.append({"do": "strike", "pellets": list(pair), "speeds": list(speeds)})
    starts = [
        (-5, 5, 1, -0.5),
        (-5, -2, 2, 0.3),
        (4, 4, -0.5, 1),
        (3, -6, -2, 0.5),
        (-2, -5, 0.5, -2),
        (5, 2, 0.3, 2.5),
    ]
    for number, kind in enumerate(KINDS):
        for turn in range(6):
            x, y, vx, vy = starts[(number + turn) % 6]
            c = {"x": x, "y": y, "vx": vx, "vy": vy, "lamp": 2 * (turn == 5), "time": 2 + turn // 2 * 1.7}
            made.append({"do": "fly", "pellet": kind, **c})
    return made


def experiments():
    """Make them, mixed, with the gauge in between; return ``(number, settings, reading)``."""
    made, results, lengths = plan(), [], 0
    order = sorted(range(len(made)), key=lambda i: (i * 61) % 127 + i / 1000)
    for index in order:
        if len(results) % 6 == 0:
            length = LENGTHS[lengths % 8] - lengths // 8 * 0.01
            results.append((len(results), {"do": "gauge", "length": length}, lab.ask(do="gauge", length=length)))
            lengths += 1
        results.append((len(results), made[index], lab.ask(**made[index])))
    return results


class Instrument:
    """What the readings mean: the gain drifts along a line and a wave, large values are flattened."""

    def __init__(self, results, drift=True):
        gauge = [(n, s["length"], r["length"]) for n, s, r in results if s["do"] == "gauge"]
        self.drift = drift
        if not drift:
            self.flat, self.period, self.terms = 1e9, 1.0, [1, 0, 0, 0, 0]
            return
        tries = [
            (self.straight(gauge, flat, period)[1], flat, period)
            for flat in (40, 50, 60, 80)
            for period in range(64, 146, 5)
        ]
        _, flat, period = min(tries)

        def rest(p):
            try:
                terms, _ = self.straight(gauge, p[0], p[1])
            except OverflowError:
                return [1e9] * len(gauge)
            return [(self.shown(terms, p[0], p[1], n, v) - r) / (0.0015 * r + 0.002) for n, v, r in gauge]

        (self.flat, self.period), self.rest = fit.squares(rest, [flat, period])
        self.terms, _ = self.straight(gauge, self.flat, self.period)

    @staticmethod
    def basis(n, period):
        """Return what the gain is made of."""
        return [1.0, n / 200, math.sin(2 * math.pi * n / period), math.cos(2 * math.pi * n / period)]

    def straight(self, gauge, flat, period):
        """Return the linear coefficients for a flattening and a period."""
        rows = []
        for n, v, r in gauge:
            weight = 1 / (0.0015 * r + 0.002)
            rows.append([b * v / (1 + v / flat) * weight for b in self.basis(n, period)] + [weight, r * weight])
        columns = [list(column) for column in zip(*rows, strict=True)]
        return fit.linear(columns[:-1], columns[-1])

    def shown(self, terms, flat, period, n, value):
        gain = sum(t * b for t, b in zip(terms[:4], self.basis(n, period), strict=True))
        return gain * value / (1 + abs(value) / flat) + terms[4]

    def value(self, n, reading):
        """Return the value behind a reading."""
        if not self.drift:
            return reading
        gain = sum(t * b for t, b in zip(self.terms[:4], self.basis(n, self.period), strict=True))
        shown = (reading - self.terms[4]) / gain
        return shown / (1 - abs(shown) / self.flat)


class Law:
    """The law of the field: sources, how they fall off, charges; then the lamp; then inertias and the turning."""

    def __init__(self, hidden=True, form=None, delay=True):
        self.use_hidden, self.form, self.delay = hidden, form, delay
        self.lamp = None
        self.inertia, self.kept, self.turning = dict.fromkeys(KINDS, 1.0), 2.0, 0.0

    # The field

    def set_field(self, p):
        self.fall, self.reach = (1.0, math.exp(min(p[0], 9))) if self.form == "screened" else (p[0], math.inf)
        self.charge = dict(zip(KINDS, [1.0, *p[1:4]], strict=True))
        self.sources = [(*POSTS[0], p[4]), (*POSTS[1], p[5])]
        if self.use_hidden:
            self.sources.append((p[7], p[8], p[6]))

    def dark(self, kind, x, y):
        fx = fy = 0.0
        for at_x, at_y, strength in self.sources:
            dx, dy = x - at_x, y - at_y
            r = math.sqrt(dx * dx + dy * dy) + 1e-9
            size = strength * r ** (-self.fall - 1) * math.exp(-r / self.reach)
            fx, fy = fx + size * dx, fy + size * dy
        return self.charge[kind] * fx, self.charge[kind] * fy

    def fit_field(self, data):
        """Fit to held pellets in the dark, with both forms unless one is given."""
        data = [(s, v) for s, v in data if s["lamp"] == 0]

        def rest(p):
            self.set_field(p)
            return [
                (found - seen) / (0.003 * abs(seen) + 0.004)
                for s, v in data
                for found, seen in zip(self.dark(s["pellet"], s["x"], s["y"]), v, strict=True)
            ]

        found = []
        for form in ("power", "screened") if self.form is None else (self.form,):
            self.form = form
            # Where something unseen is, is looked for all around the table, first roughly.
            places = [(9 * math.cos(turn), 9 * math.sin(turn)) for turn in map(math.radians, range(0, 360, 30))]
            first = 1.3 if form == "power" else 2.0
            starts = [self.straight(data, first, place) for place in (places if self.use_hidden else [()])]
            starts = sorted(starts, key=lambda p: sum(r * r for r in rest(p)))[:4]
            rough = sorted((fit.squares(rest, start, 6) for start in starts), key=lambda pair: pair[1])
            point, total = fit.best(rest, [point for point, _ in rough[:2]])
            found.append((total, form, point))
        self.rest, self.form, point = min(found)
        self.set_field(point)

    def straight(self, data, first, place):
        """Return a start: strengths by linear least squares for amber, charges from what they give."""
        self.set_field([first, 1, 1, 1, 1, 1, 1, *(place or (0, 0))])
        spots = [(x, y) for x, y, _ in self.sources]
        amber = [(s, v) for s, v in data if s["pellet"] == "amber"]
        columns = []
        for spot in spots:
            self.sources = [(*spot, 1.0)]
            columns.append([f for s, _ in amber for f in self.dark("amber", s["x"], s["y"])])
        strengths, _ = fit.linear(columns, [f for _, v in amber for f in v])
        self.sources = [(*spot, strength) for spot, strength in zip(spots, strengths, strict=True)]
        charges = []
        for kind in KINDS[1:]:
            pairs = [
                (f, g)
                for s, v in data
                if s["pellet"] == kind
                for f, g in zip(self.dark("amber", s["x"], s["y"]), v, strict=True)
            ]
            charges.append(sum(f * g for f, g in pairs) / sum(f * f for f, _ in pairs))
        return [first, *charges, *strengths, *place]

    # The lamp

    def set_lamp(self, p):
        self.lamp = p

    def lit(self, kind, x, y, brightness, time):
        """Return the force of the lamp."""
        if not brightness or self.lamp is None:
            return 0.0, 0.0
        light, warmth, power, *colours = self.lamp
        dx, dy = x - LAMP[0], y - LAMP[1]
        r = math.sqrt(dx * dx + dy * dy) + 1e-9
        late = time - r / light if self.delay else 1e9
        if late <= 0:
            return 0.0, 0.0
        size = colours[KINDS.index(kind)] * brightness**power / r / r * (1 - math.exp(-late / warmth))
        return size * dx, size * dy

    def force(self, kind, x, y, brightness, time):
        fx, fy = self.dark(kind, x, y)
        gx, gy = self.lit(kind, x, y, brightness, time)
        return fx + gx, fy + gy

    def fit_lamp(self, data):
        """Fit to held pellets that are lit."""
        data = [(s, v) for s, v in data if s["lamp"]]

        def rest(p):
            self.set_lamp(p)
            return [
                (found - seen) / (0.003 * abs(seen) + 0.005)
                for s, v in data
                for found, seen in zip(self.force(s["pellet"], s["x"], s["y"], s["lamp"], s["time"]), v, strict=True)
            ]

        found = []
        for power in (0.5, 1.0, 1.5):
            starts = []
            for light in (1.2, 1.4, 1.6, 1.8, 2.0, 2.2):
                for warmth in (1.0, 1.6):
                    starts.append([light, warmth, *self.colours(data, light, warmth, power)])
            starts = sorted(starts, key=lambda p: sum(r * r for r in rest([*p[:2], power, *p[2:]])))[:2]
            point, total = fit.best(lambda p, power=power: rest([*p[:2], power, *p[2:]]), starts)
            found.append((total, [*point[:2], power, *point[2:]]))
        self.lamp_rest, point = min(found)
        self.set_lamp(point)

    def colours(self, data, light, warmth, power):
        """Return how strongly the lamp acts on each kind, by linear least squares, where the rest is known."""
        self.set_lamp([light, warmth, power, 1, 1, 1, 1])
        found = []
        for kind in KINDS:
            unit, wanted = [], []
            for s, v in data:
                if s["pellet"] == kind:
                    unit += self.lit(kind, s["x"], s["y"], s["lamp"], s["time"])
                    wanted += [a - b for a, b in zip(v, self.dark(kind, s["x"], s["y"]), strict=True)]
            found.append(sum(a * b for a, b in zip(unit, wanted, strict=True)) / sum(a * a for a in unit))
        return found

    # Strikes

    @staticmethod
    def after(inertias, speeds, power):
        """Return the speeds after a strike, from what it keeps."""
        (m, n), (u, v) = inertias, speeds
        common = (m * u + n * v) / (m + n)

        def kept(x):
            return m * abs(common - n * x) ** power + n * abs(common + m * x) ** power

        wanted, low, high = kept((v - common) / m), 0.0, (u - v) / (m + n)
        while kept(high) < wanted:
            high *= 2
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if kept(middle) < wanted else (low, middle)
        return [common - n * low, common + m * low]

    def fit_strikes(self, data, power=None):
        """Fit the inertias, but for their common scale, and the power of the speed that is kept."""

        def rest(p):
            inertia = dict(zip(KINDS, [1.0, *map(math.exp, p[:3])], strict=True))
            kept = power or p[3]
            return [
                (self.after([inertia[k] for k in s["pellets"]], s["speeds"], kept)[0] - v[0])
                / (0.003 * abs(v[0]) + 0.004)
                for s, v in data
            ]

        point, self.strike_rest = fit.best(
            rest, [[0.0, 0.0, 0.0, start] for start in ((1.6, 2.6) if not power else (2,))]
        )
        self.inertia = dict(zip(KINDS, [1.0, *map(math.exp, point[:3])], strict=True))
        self.kept = power or round(2 * point[3]) / 2

    # Flights

    def fly(self, c, step=0.1):
        """Return the end of a flight."""
        kind, m = c["pellet"], self.inertia[c["pellet"]]

        def slopes(s, time):
            fx, fy = self.force(kind, s[0], s[1], c["lamp"], time)
            return s[2], s[3], fx / m - self.turning * s[3], fy / m + self.turning * s[2]

        state, time = [c["x"], c["y"], c["vx"], c["vy"]], 0.0
        steps = math.ceil(c["time"] / step)
        h = c["time"] / steps
        for _ in range(steps):
            a = slopes(state, time)
            b = slopes([s + h / 2 * d for s, d in zip(state, a, strict=True)], time + h / 2)
            e = slopes([s + h / 2 * d for s, d in zip(state, b, strict=True)], time + h / 2)
            f = slopes([s + h * d for s, d in zip(state, e, strict=True)], time + h)
            state = [s + h / 6 * (p + 2 * q + 2 * r + w) for s, p, q, r, w in zip(state, a, b, e, f, strict=True)]
            time += h
        return state[:2]

    def fit_flights(self, data):
        """Fit the scale of the inertias and the turning; flights that came near to a post tell too little."""
        ratios = dict(self.inertia)

        def rest_of(data):
            def rest(p):
                self.inertia = {kind: math.exp(p[0]) * ratio for kind, ratio in ratios.items()}
                self.turning = p[1]
                # What a flight can say is bounded, so that one that goes astray does not decide.
                return [
                    math.tanh((found - seen) / 2) * 2 / (0.01 * abs(seen) + 0.02)
                    for s, v in data
                    for found, seen in zip(self.fly(s), v, strict=True)
                ]

            return rest

        # Short flights first: the others have more than one place to go to where a start is far off.
        short = rest_of([pair for pair in data if pair[0]["time"] < 3])
        starts = [[math.log(m), turn] for m in (1.7, 2.2, 2.8, 3.6, 4.6, 6) for turn in (-0.21, -0.13, 0.13, 0.21)]
        starts = sorted(starts, key=lambda p: sum(r * r for r in short(p)))[:3]
        point, _ = fit.best(short, starts, 12)
        short(point)
        # Flights that came near to a post tell more of the post than of themselves: leave the worst ones out.
        data = sorted(data, key=lambda pair: math.dist(self.fly(pair[0]), pair[1]))[: len(data) * 2 // 3]
        final = rest_of(data)
        point, self.flight_rest = fit.squares(final, point, 12)
        final(point)

    # Predictions

    def predict(self, c):
        if c["do"] == "hold":
            return list(self.force(c["pellet"], c["x"], c["y"], c["lamp"], c["time"]))
        if c["do"] == "fly":
            return self.fly(c, 0.05)
        speeds = list(c["speeds"])
        for i in range(len(speeds) - 1):
            speeds[i : i + 2] = self.after(
                [self.inertia[k] for k in c["pellets"][i : i + 2]], speeds[i : i + 2], self.kept
            )
        return speeds


def study(calibrated=True, hidden=True, form=None, lamp="late", kept=None, flights=True):
    """Make the experiments and return the law; less than everything where it is asked for."""
    results = experiments()
    instrument = Instrument(results, calibrated)
    data = {do: [] for do in ("gauge", "hold", "strike", "fly")}
    for n, settings, reply in results:
        values = [instrument.value(n, v) for name, v in reply.items() if name != "left"]
        data[settings["do"]].append((settings, values))
    law = Law(hidden, form, lamp == "late")
    law.fit_field(data["hold"])
    if lamp:
        law.fit_lamp(data["hold"])
    law.fit_strikes(data["strike"], kept)
    if flights:
        law.fit_flights(data["fly"])
    return law
