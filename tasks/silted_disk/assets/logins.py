"""The case of the task ``logins``: accepted logins, who was where, and how wrong the clocks of the stations are."""

import random

PEOPLE = ["aldis", "brona", "cato", "dilys", "edda", "ferris"]
SITES = {"harbour": ["crane", "quay"], "mill": ["loft", "wheel"], "tower": ["lamp", "stair"]}
DAY = 86400


def clock(seconds):
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def visits_of(rng):
    """Return ``{person: [(site, enter, leave), ...]}`` for one day, with breaks between the sites."""
    visits = {}
    for person in PEOPLE:
        at, sites, day = rng.randint(7 * 3600, 8 * 3600), rng.sample(sorted(SITES), 3), []
        for site in sites:
            stay = rng.randint(7200, 10800)
            day.append((site, at, at + stay))
            at += stay + rng.randint(600, 1500)
        visits[person] = day
    return visits


def site_of(station):
    return next(site for site, stations in SITES.items() if station in stations)


def present(visits, person, site, time):
    return any(where == site and enter <= time <= leave for where, enter, leave in visits[person])


def draw(rng):
    """Return ``(visits, offsets, logins)``; a login is ``(true time, account, station, result)``."""
    visits = visits_of(rng)
    stations = [s for site in SITES.values() for s in site]
    sizes = rng.sample(range(1500, 4200), len(stations))
    offsets = {s: size * (1 if n % 2 else -1) for n, (s, size) in enumerate(zip(stations, sizes, strict=True))}
    logins = []
    for person in PEOPLE:
        for site, enter, leave in visits[person]:
            for _ in range(2):
                logins.append((rng.randint(enter + 60, leave - 60), person, rng.choice(SITES[site]), "accepted"))
        away = [s for s in stations if not present(visits, person, site_of(s), 12 * 3600)]
        if person in PEOPLE[1:3]:
            logins.append((12 * 3600 + rng.randint(-900, 900), person, rng.choice(away), "refused"))
    culprit = rng.choice(PEOPLE)
    logins.append((rng.randint(8 * 3600, 16 * 3600), culprit, rng.choice(stations), "accepted"))
    return visits, offsets, logins


def suspects(visits, logins, offsets=None):
    """Return the accepted logins from a site where the account's owner was not."""
    found = []
    for time, person, station, result in logins:
        seen = time + (offsets[station] if offsets else 0)
        if result == "accepted" and not present(visits, person, site_of(station), seen):
            found.append((time, person, station))
    return found


def case(seed):
    """Return ``(files, answer)``: one login is odd, and by the clocks as they stand it is not, but five others are."""
    rng = random.Random(f"{seed}:logins")
    while True:
        visits, offsets, logins = draw(rng)
        real, apparent = suspects(visits, logins), suspects(visits, logins, offsets)
        if len(real) == 1 and real[0] not in apparent and len(apparent) >= 5:
            break
    time, person, _ = real[0]
    check = [rng.randint(5 * 3600, 6 * 3600) for _ in offsets]
    lines = sorted((t + offsets[s], p, s, r) for t, p, s, r in logins)
    badges = sorted(
        (at, p, site, word)
        for p, day in visits.items()
        for site, enter, leave in day
        for at, word in ((enter, "enters"), (leave, "leaves"))
    )
    files = {
        "logins.txt": "".join(f"{clock(t)} {s} {p} {r}\n" for t, p, s, r in lines),
        "badges.txt": "".join(f"{clock(t)} {p} {word} {site}\n" for t, p, site, word in badges),
        "stations.txt": "".join(
            f"{s} stands in {site_of(s)}; at {clock(c)} true time its clock showed {clock(c + offsets[s])}\n"
            for s, c in zip(offsets, check, strict=True)
        ),
    }
    return files, f"{person} {clock(time)}"
