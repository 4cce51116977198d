"""The hidden suite of crash_safe: groups of checks, each a list of True and False."""

import random
from itertools import pairwise

import link
import model as models
import quay

SECTORS = 512
#: Sectors that opening may read.
OPEN_READS = 1536
ALL = (b"", b"\xff" * 25)
#: The long series: calls, keys, longest value, changes in a commit, share of keep and drop.
LONG = ((600, 60, 90, 4, 0.01), (420, 170, 160, 6, 0.04), (300, 260, 400, 10, 0.03), (500, 120, 240, 3, 0.0))
#: A long series may cost so many times what the reference's costs.
COSTS = (1.05, 1.12, 1.3, 1.6, 2.2)


class Run:
    """Runs children, one for each part that is played."""

    def __init__(self, source, words):
        self.source, self.words = source, words
        self.children, self.losses = {}, 0

    def child(self, part):
        """Return the child with a part: what makes images knows nothing of what opens them, and the other way round."""
        if self.losses >= link.LOSSES:
            raise link.Lost("too many children are lost")
        if part not in self.children:
            self.children[part] = link.Child(self.words, "store", self.source, SECTORS)
        return self.children[part]

    def end(self):
        for child in self.children.values():
            child.end()
        self.children = {}


def created(child, content=None):
    """Create a store on a device; return the device, or None where this fails or reads too much."""
    device = child.use(content)
    done = child.ask("module", "create", (), "store")
    return device if done == ("ok", None) and device.read_count <= SECTORS else None


def opened(child, content):
    """Open the store of a content; return the device, or None where this fails or reads too much."""
    device = child.use(content)
    done = child.ask("module", "open", (), "store")
    return device if done == ("ok", None) and device.read_count <= OPEN_READS else None


def perform(child, device, calls):
    """Make the calls, and note in the device's events when each has returned. Return whether all went well."""
    device.events.append(0)
    for number, (what, given) in enumerate(calls, 1):
        if child.ask("store", what, (given,)) != ("ok", None):
            return False
        device.events.append(number)
    return True


# What needs no crash


def conversation(child, rng, kind):
    """Make random calls and compare every answer with the model's. Return whether all are right."""
    content = rng.randbytes(SECTORS * 128) if rng.randrange(2) else None
    device = created(child, content)
    if device is None:
        return False
    model = models.Model()
    pool, top = (170, 400) if kind == "limits" else (40, 60)
    for _ in range(70 if kind == "limits" else 45):
        call = rng.choice(
            {"kept": ("keep", "drop", "commit"), "plain": ("commit",)}.get(kind, ("commit",) * 6 + ("keep", "drop"))
        )
        given = (
            rng.choice(models.WORDS)
            if call != "commit"
            else models.changes(rng, pool, top, 24 if kind == "limits" else 6)
        )
        due = model.apply((call, given))
        if child.ask("store", call, (given,)) != (("raised", due) if due else ("ok", None)):
            return False
        if not (
            looked(child, rng, model, pool)
            if rng.randrange(3)
            else looked(child, rng, model, pool, rng.choice(models.WORDS))
        ):
            return False
        if rng.randrange(12) == 0:
            if child.ask("store", "close") != ("ok", None):
                return False
            device = opened(child, lasting(device))
            if device is None:
                return False
    return child.ask("dump") == ("ok", model.dump())


def looked(child, rng, model, pool, at=None):
    """Compare a get and a scan."""
    name, (low, high) = models.key(rng, pool), sorted((models.key(rng, pool), models.key(rng, pool)))
    where = () if at is None else (at,)
    if at is not None and at not in model.kept:
        return child.ask("store", "get", (name, *where)) == ("raised", "KeyError")
    right = child.ask("store", "get", (name, *where)) == ("ok", model.state(at).get(name))
    return right and child.ask("store", "scan", (low, high, *where)) == ("ok", model.scan(low, high, at))


def lasting(device):
    """Return what a crash is sure to leave."""
    return crashes(device, [len(device.events)], lambda content, pending: bytes(content))[0][1]


def transactions(child, rng):
    """Several transactions at a time, and commits past them."""
    if created(child) is None:
        return False
    model, going, number = models.Model(), {}, 0
    for _ in range(90):
        pool = 14
        what = rng.choice(("begin", "put", "put", "delete", "get", "scan", "commit", "past", "get"))
        if what == "begin" and len(going) < 4:
            number += 1
            going[f"t{number}"] = [model.copy(), {}, set()]
            if child.ask("store", "begin", (), f"t{number}") != ("ok", None):
                return False
        elif what == "past":
            changes = models.changes(rng, pool, 20, 3)
            model.apply(("commit", changes))
            for entry in going.values():
                entry[2].update(name for name, _ in changes)
            if child.ask("store", "commit", (changes,)) != ("ok", None):
                return False
        elif going and not in_transaction(child, rng, model, going, what, pool):
            return False
    return child.ask("dump") == ("ok", model.dump())


def in_transaction(child, rng, model, going, what, pool):
    name = rng.choice(sorted(going))
    seen, own, past = going[name]
    key = models.key(rng, pool)
    if what in ("put", "delete"):
        own[key] = models.value(rng, 20) if what == "put" else None
        return child.ask(name, what, (key, own[key]) if what == "put" else (key,)) == ("ok", None)
    view = models.Model(seen.current)
    view.apply(("commit", list(own.items())))
    if what == "get":
        return child.ask(name, "get", (key,)) == ("ok", view.current.get(key))
    if what == "scan":
        return child.ask(name, "scan", ALL) == ("ok", view.scan(*ALL))
    if what != "commit":
        return True
    del going[name]
    conflict = any(key in past for key in own)
    if not conflict:
        model.apply(("commit", list(own.items())))
        for entry in going.values():
            entry[2].update(own)
    return child.ask(name, "commit") == ("ok", not conflict)


# Crashes


def crashes(device, positions, make):
    """Return, for each position in the events, (calls that had returned or None, what *make* makes of it)."""
    content, pending, done, found = bytearray(device.start), [], None, []
    wanted = sorted(positions, reverse=True)
    for place in range(len(device.events) + 1):
        while wanted and wanted[-1] == place:
            wanted.pop()
            found.append((done, make(content, pending)))
        if not wanted:
            break
        event = device.events[place]
        if event is None:
            for sector, data in pending:
                content[sector * 128 : sector * 128 + 128] = data
            pending = []
        elif isinstance(event, int):
            done = event
        else:
            pending.append(event)
    return found


def positions(device, rng, count, first):
    """Return places to crash at: half of them in the calls with the most writes, where there are such."""
    marks = [place for place, event in enumerate(device.events) if isinstance(event, int)]
    spans = sorted(((b - a, a, b) for a, b in pairwise(marks)), reverse=True)
    large = [span for span in spans if span[0] > 3 * spans[len(spans) // 2][0]] or spans
    found = []
    for number in range(count):
        if number % 2:
            _, a, b = rng.choice(large)
            # The end of a long call, where heads are written, is as likely as all before.
            found.append(rng.randrange(max(a + 1, b - 4), b + 1) if rng.randrange(2) else rng.randrange(a + 1, b + 1))
        else:
            found.append(rng.randrange(marks[0] + 1 if not first else 0, len(device.events) + 1))
    return found


def images(device, states, rng, count, first=False):
    """Return (content, the states allowed) of some crashes."""
    places = positions(device, rng, count, first)
    found = crashes(device, places, lambda content, pending: quay.crashed(content, pending, rng))
    return [(content, states[done or 0 : (done or 0) + (1 if done is None else 2)]) for done, content in found]


def recovered(child, content, allowed):
    """Return the place in *allowed* of the state that an image opens with, None where it is none of them."""
    if opened(child, content) is None:
        return None
    dump = child.ask("dump")
    return next((place for place, state in enumerate(allowed) if dump == ("ok", state)), None)


def bundles(run, cases, each):
    """Check images in a child that has not seen them made; return one result for each bundle of them."""
    child, results = run.child("reader"), []
    for start in range(0, len(cases), each):
        results.append(all(recovered(child, *case) is not None for case in cases[start : start + each]))
    return results


def series(run, name, shape, images_of):
    """Make a series of calls; return the cases that *images_of* makes of it, the device and whether it went well."""
    rng = random.Random(f"quay {name}")
    calls, states = models.calls(rng, models.Model(), *shape)
    child = run.child("maker")
    device = created(child)
    if device is None:
        return [], None, False
    # Whatever was written before is there when the series begins; create itself is not interrupted.
    device.start, device.events = lasting(device), []
    well = perform(child, device, calls)
    return images_of(device, states, rng) if well else [], device, well


def crash_group(run):
    """Crashes in short series."""
    results = []
    for number in range(6):
        shape = (30, 25, (40, 120, 400)[number % 3], (3, 8, 30)[number % 3], 0.15)
        cases, _, well = series(run, f"short {number}", shape, lambda *made: images(*made, 24))
        results += bundles(run, cases, 12) if well else [False] * 2
    return results


def long_groups(run, references):
    """Crashes in long series, in which room must be made many times, and what these series cost."""
    crash, cost = [], []
    for number, shape in enumerate(LONG):
        cases, device, well = series(run, f"long {number}", shape, lambda *made: images(*made, 50))
        results = bundles(run, cases, 10) if well else [False] * 5
        crash += results
        share = (device.write_count + 2 * device.flush_count) / references[number] if well else 1e9
        print(f"series {number}: {share:.3f} times the reference's cost, {sum(results)} of 5 bundles of crashes right")
        # What a store costs tells nothing where it does not keep what it was given.
        cost += [share <= most and sum(results) >= 4 for most in COSTS]
    return crash, cost


def again_group(run):
    """Crashes, then more calls on what was recovered, then crashes again."""
    results = []
    for number in range(8):
        shape = (160, 90, 300, 8, 0.05) if number % 2 else (25, 20, 100, 5, 0.1)
        cases, _, well = series(run, f"again {number}", shape, lambda *made: images(*made, 4))
        rng, right = random.Random(f"quay again {number} more"), bool(cases) and well
        for content, allowed in cases:
            right = right and after_crash(run, rng, content, allowed)
        results.append(right)
    return results


def after_crash(run, rng, content, allowed):
    child = run.child("second maker")
    place = recovered(child, content, allowed)
    if place is None:
        return False
    names, current, *kept = allowed[place]
    model = models.Model(dict(current), {name: dict(state) for name, state in zip(names, kept, strict=True)})
    calls, states = models.calls(rng, model, 6, 20, 150, 5, 0.1)
    if not perform(child, child.device, calls):
        return False
    return all(bundles(run, images(child.device, states, rng, 8, first=True), 8))


def damage_group(run):
    """One sector of a closed store is spoilt."""
    results = []
    for number in range(4):
        rng = random.Random(f"quay damage {number}")
        # There is much in the store: at least 8000 in size.
        calls, _ = models.calls(rng, model := models.Model(), 60, 140, 240, 8, 0.05)
        while model.size() < 8000:
            more = ("commit", [(models.key(rng, 900), models.value(rng, 200)) for _ in range(8)])
            calls += [more] if model.apply(more) is None else []
        child = run.child("maker")
        device = created(child)
        well = device is not None and perform(child, device, calls) and child.ask("store", "close") == ("ok", None)
        closed = lasting(device) if well else None
        reader = run.child("reader")
        for _ in range(4):
            results.append(well and spoilt(reader, rng, model, closed, device))
    return results


def spoilt(child, rng, model, closed, device):
    """Spoil one of the sectors that were written; return whether the answers are right, or missing for few keys."""
    last = {}
    for place, event in enumerate(device.events):
        if isinstance(event, tuple):
            last[event[0]] = place
    recent = sorted(last, key=last.get)[-80:]
    sector = rng.choice(recent[-3:]) if rng.randrange(3) == 0 else rng.choice(recent)
    junk = rng.randbytes(128)
    if opened(child, closed[: sector * 128] + junk + closed[sector * 128 + 128 :]) is None:
        return False
    if child.ask("store", "kept") not in (("ok", sorted(model.kept)), ("raised", "Damaged")):
        return False
    known = 0
    for name in [*sorted(model.current), *(models.key(rng, 140) for _ in range(15))]:
        got = child.ask("store", "get", (name,))
        if got not in (("ok", model.current.get(name)), ("raised", "Damaged")):
            return False
        known += got[0] == "ok" and name in model.current
    for at in (None, *sorted(model.kept)):
        low, high = sorted((models.key(rng, 140), models.key(rng, 140)))
        where = () if at is None else (at,)
        if child.ask("store", "scan", (low, high, *where)) not in (
            ("ok", model.scan(low, high, at)),
            ("raised", "Damaged"),
        ):
            return False
    return 2 * known >= len(model.current)


# All of them

WEIGHTS = {
    "plain": 0.04,
    "kept": 0.05,
    "limits": 0.05,
    "transactions": 0.05,
    "crash": 0.2,
    "long": 0.18,
    "again": 0.13,
    "damage": 0.14,
    "cost": 0.16,
}
SIZES = {
    "plain": 8,
    "kept": 8,
    "limits": 6,
    "transactions": 8,
    "crash": 12,
    "long": 20,
    "again": 8,
    "damage": 16,
    "cost": 20,
}


def talks(run, kind):
    """Conversations without crashes."""
    results = []
    for number in range(SIZES[kind]):
        rng = random.Random(f"quay {kind} {number}")
        try:
            child = run.child("maker")
            results.append(transactions(child, rng) if kind == "transactions" else conversation(child, rng, kind))
        except link.Lost as fault:
            print(f"{kind} {number}: {fault}")
            results.append(False)
            run.losses += 1
            run.end()
    run.end()
    return results


def guarded(run, group, size):
    """Return a group's results; where a child is lost, those of the group are all False."""
    try:
        return group()
    except link.Lost as fault:
        print(f"lost: {fault}")
        run.losses += 1
        return [False] * size
    finally:
        run.end()


def results(source, words, references):
    """Return {group: results}."""
    run = Run(source, words)
    found = {group: [False] * size for group, size in SIZES.items()}
    found["plain"] = talks(run, "plain")
    if not any(found["plain"]):
        # What cannot do this can do nothing, and may take long for it.
        return found
    found |= {kind: talks(run, kind) for kind in ("kept", "limits", "transactions")}
    found["crash"] = guarded(run, lambda: crash_group(run), SIZES["crash"])
    both = guarded(run, lambda: long_groups(run, references), 2)
    found["long"], found["cost"] = both if isinstance(both, tuple) else ([False] * 20, [False] * 20)
    found["again"] = guarded(run, lambda: again_group(run), SIZES["again"])
    found["damage"] = guarded(run, lambda: damage_group(run), SIZES["damage"])
    return found
