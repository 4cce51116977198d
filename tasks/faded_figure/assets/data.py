"""The raw data of the three invented studies: the same rows on every machine, as lists of text."""

import datetime
import functools
import math
import random

CONDITIONS = ("amber", "blue", "clay", "dusk", "ember", "frost", "grey", "haze")
YEARS = range(1998, 2016)
BANDS = ("0-14", "15-29", "30-44", "45-59", "60-74", "75+")
BAND_STARTS = (0, 15, 30, 45, 60, 75)
STATIONS = ("Ardle", "Brimm", "Corvey", "Pell", "Orrin")
ARMS = ("placebo", "low", "high")


def day(text):
    """Return the date of an ISO text."""
    return datetime.date.fromisoformat(text)


@functools.cache
def bars():
    """Return the sessions of the study of reading lamps."""
    rng = random.Random("faded_figure:bars:1")
    rows = [["session", "day", "lamp", "trials", "check", "words_per_minute"]]
    for number in range(1, 481):
        lamp = CONDITIONS[rng.randrange(8)]
        # The pilot used three of the lamps only, and the check failed with some lamps only, so that a rule that
        # is overlooked spoils some of the bars and not all of them.
        pilot = lamp in ("clay", "ember", "haze") and rng.random() < 0.15
        failed = lamp in ("blue", "dusk", "ember", "grey") and rng.random() < 0.14
        trials = rng.randrange(8, 18) if lamp != "frost" and rng.random() < 0.12 else rng.randrange(18, 25)
        speed = rng.gauss(150 + 6 * CONDITIONS.index(lamp) - (25 if pilot or failed or trials < 18 else 0), 21)
        when = rng.randrange(1, 3) if pilot else rng.randrange(3, 20)
        rows.append([str(number), str(when), lamp, str(trials), "fail" if failed else "pass", f"{speed:.1f}"])
    return {"sessions.csv": rows}


def people_at(year, band):
    """Return the number of inhabitants on 1 January."""
    base = (5200, 6100, 6400, 5900, 3900, 1500)[band]
    # The isles were added to the register in 2004.
    isles = (420, 380, 450, 520, 610, 330)[band] if year >= 2004 else 0
    trend = (-0.012, -0.004, 0.002, 0.006, 0.013, 0.021)[band]
    return round((base + isles) * math.exp(trend * (year - 1998)) + 17 * math.sin(year * (band + 2)))


@functools.cache
def curve():
    """Return the notified cases and the population of the study of marsh fever."""
    rng = random.Random("faded_figure:curve:3")
    cases = []
    for year in YEARS:
        for band, start in enumerate(BAND_STARTS):
            risk = (60, 90, 140, 230, 420, 800)[band] * (1 + 0.35 * math.sin((year - 1996) / 2.7)) / 1e5
            for _ in range(int(people_at(year, band) * risk * rng.uniform(0.85, 1.15) * 1.25)):
                onset = datetime.date(year, 1, 1) + datetime.timedelta(rng.randrange(365))
                age = start + rng.random() * (15 if band < 5 else 13)
                born = onset - datetime.timedelta(int(age * 365.25))
                notified = onset + datetime.timedelta(rng.randrange(1, 32))
                area = rng.choices("TIV", (80, 13, 7))[0]
                kind = rng.choices(("confirmed", "probable", "suspected"), (70, 16, 14))[0]
                unknown = year >= 2008 and rng.random() < 0.22
                cases.append([born.isoformat(), "" if unknown else onset.isoformat(), notified.isoformat(), area, kind])
    cases.sort(key=lambda case: case[2])
    rows = [["case", "born", "onset", "notified", "area", "class"]]
    rows += [[f"F{number:04d}", *case] for number, case in enumerate(cases, 1)]
    people = [["year", "age", "inhabitants"]]
    people += [[str(y), name, str(people_at(y, b))] for y in (*YEARS, 2016) for b, name in enumerate(BANDS)]
    return {"cases.csv": rows, "population.csv": people}


def person(rng, number, station):
    """Draw a participant; what begins with an underscore is not in the file."""
    age = rng.choices((rng.randrange(16, 18), rng.randrange(18, 45), rng.randrange(45, 65), rng.randrange(65, 86)),
                      (2, 44, 36, 18))[0]  # fmt: skip
    enrolled = datetime.date(2031, 3, 1) + datetime.timedelta(rng.randrange(170))
    severity = rng.choices((1, 2, 3, 4, 5), (14, 30, 28, 18, 10))[0]
    return {
        "id": f"{station[0]}{number:03d}",
        "station": station,
        "ward": f"{station[0]}-w{rng.randrange(1, 9)}",
        "enrolled": enrolled,
        "arm": ARMS[rng.randrange(3)],
        "sex": rng.choice("fm"),
        "born": enrolled - datetime.timedelta(int((age + 0.02 + rng.random() * 0.96) * 365.25)),
        "height": rng.gauss(169, 9),
        "severity": severity,
        "withdrew": rng.random() < 0.05,
        "_level": 1.1 + 0.22 * (severity - 2.6) + rng.gauss(0, 0.4) + 0.05 * STATIONS.index(station),
    }


def twins(rng, people):
    """Return second enrolments of some participants, and strangers who share a birthday and a sex with one."""
    again, like = [], []
    for number, first in enumerate(rng.sample([p for p in people if p["enrolled"] < datetime.date(2031, 6, 20)], 46)):
        # Nobody came to Ardle a second time, so that a plain count agrees with the figure there.
        other = rng.choice([s for s in STATIONS[1:] if s != first["station"]])
        if number < 32:
            second = dict(first, height=first["height"] + rng.uniform(-0.4, 0.4), station=other)
            second["enrolled"] = first["enrolled"] + datetime.timedelta(rng.randrange(20, 60))
            second["arm"], second["ward"] = ARMS[rng.randrange(3)], f"{other[0]}-w{rng.randrange(1, 9)}"
            # The second cure began when the first had worked.
            second["_level"], second["withdrew"] = first["_level"] - 0.5, False
            again.append(second)
        else:
            stranger = person(rng, 0, other)
            gap = rng.choice((-1, 1)) * rng.uniform(5, 16)
            like.append(dict(stranger, born=first["born"], sex=first["sex"], height=first["height"] + gap))
    return again + like


def visit_rows(rng, who, visit):
    """Return the row of a visit, None where it was missed."""
    day_of = who["enrolled"] + datetime.timedelta((0, 28, 84, 168)[visit] + (rng.randrange(-6, 7) if visit else 0))
    if visit and rng.random() < 0.06:
        day_of += datetime.timedelta(rng.choice((-1, 1)) * rng.randrange(16, 24))
    if rng.random() < (0.015, 0.07, 0.10, 0.15)[visit] * (1.8 if who["arm"] == "placebo" else 1):
        return None
    batch = 1 + (day_of - datetime.date(2031, 3, 1)).days // 31
    effect = {"placebo": 0.06, "low": 0.22, "high": 0.42}[who["arm"]] * (0, 0.5, 0.9, 1)[visit]
    level = who["_level"] - effect * (1 + 0.12 * who["severity"] - 0.3) + rng.gauss(0, 0.2)
    if rng.random() < 0.022:
        level += rng.choice((1, 1, 1, -1)) * rng.uniform(1.7, 2.6)
    # A faulty lamp in batch 7 made all readings too low.
    value = math.exp(level) / (1.12 if batch == 7 else 1)
    limit = 0.9 if batch <= 5 else 0.6
    shown = f"{value:.2f}" if value >= limit else "0" if who["station"] == "Orrin" else f"<{limit}"
    return [who["id"], str(visit), day_of.isoformat(), str(batch), shown]


@functools.cache
def panel():
    """Return the participants, their visits and the sampling frame of the trial of the lozenge."""
    rng = random.Random("faded_figure:panel:5")
    people = [person(rng, 0, station) for station in STATIONS for _ in range(150)]
    people += twins(rng, people)
    people.sort(key=lambda who: (STATIONS.index(who["station"]), who["enrolled"], who["height"]))
    counts = dict.fromkeys(STATIONS, 100)
    persons = [["id", "station", "ward", "enrolled", "arm", "sex", "born", "height_cm", "severity", "withdrew"]]
    visits = [["id", "visit", "date", "batch", "tallin"]]
    for who in people:
        counts[who["station"]] += rng.randrange(1, 4)
        who["id"] = f"{who['station'][0]}{counts[who['station']]}"
        severity = 6 - who["severity"] if who["station"] == "Pell" else who["severity"]
        about = [who["arm"], who["sex"], who["born"].isoformat(), f"{who['height']:.1f}", str(severity)]
        place = [who["id"], who["station"], who["ward"], who["enrolled"].isoformat()]
        persons.append([*place, *about, "yes" if who["withdrew"] else "no"])
        visits += [row for visit in range(4) if (row := visit_rows(rng, who, visit))]
    frame = [["station", "age", "persons"]]
    for station in STATIONS:
        frame += [[station, age, str(rng.randrange(low, high))]
                  for age, low, high in (("18-44", 700, 2400), ("45-64", 400, 1900), ("65+", 200, 900))]  # fmt: skip
    return {"participants.csv": persons, "visits.csv": visits, "frame.csv": frame}
