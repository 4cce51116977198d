"""The numbers of the three figures, computed in the way the invented authors did it."""

import datetime
import math
from collections import defaultdict

import data

SEVERITIES = {"1": "mild", "2": "mild", "3": "moderate", "4": "severe", "5": "severe"}


def table(rows):
    """Return rows of text as dictionaries."""
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def mean(values):
    return math.fsum(values) / len(values)


def spread(values):
    """Return the standard deviation with n - 1."""
    centre = mean(values)
    return math.sqrt(math.fsum((v - centre) ** 2 for v in values) / (len(values) - 1))


def bars():
    """Return number, mean and half width for each lamp."""
    figure = {}
    for lamp in data.CONDITIONS:
        speeds = [
            float(row["words_per_minute"])
            for row in table(data.bars()["sessions.csv"])
            if row["lamp"] == lamp and int(row["trials"]) >= 18 and row["check"] == "pass" and int(row["day"]) > 2
        ]
        figure[f"{lamp} n"] = len(speeds)
        figure[f"{lamp} mean"] = mean(speeds)
        figure[f"{lamp} half width"] = 1.96 * spread(speeds) / math.sqrt(len(speeds))
    return figure


#: After the erratum, which gives back the weights of the fourth and the fifth group.
WEIGHTS = (0.22, 0.21, 0.20, 0.18, 0.13, 0.06)


def counted_cases():
    """Return how many cases count for (year, band)."""
    counts = defaultdict(int)
    for case in table(data.curve()["cases.csv"]):
        onset = data.day(case["notified"]) - datetime.timedelta(9)
        onset = data.day(case["onset"]) if case["onset"] else onset
        if case["class"] == "suspected" or case["area"] == "V" or (case["area"] == "I" and onset.year < 2004):
            continue
        age = onset.year - data.day(case["born"]).year
        counts[onset.year, sum(age >= start for start in data.BAND_STARTS) - 1] += 1
    return counts


def curve():
    """Return cases, rate and limits for each year."""
    counts, figure = counted_cases(), {}
    for year in data.YEARS:
        rate = variance = 0.0
        for band, weight in enumerate(WEIGHTS):
            people = (data.people_at(year, band) + data.people_at(year + 1, band)) / 2
            rate += weight * counts[year, band] / people * 1e5
            variance += weight**2 * counts[year, band] / people**2 * 1e10
        factor = math.exp(1.96 * math.sqrt(variance) / rate)
        figure[f"{year} cases"] = sum(counts[year, band] for band in range(6))
        figure |= {f"{year} rate": rate, f"{year} low": rate / factor, f"{year} high": rate * factor}
    return figure


def age_at(born, when):
    return when.year - born.year - ((when.month, when.day) < (born.month, born.day))


def read_persons():
    """Return each person once, by the identifier of the first enrolment."""
    persons, seen = {}, defaultdict(list)
    for row in sorted(table(data.panel()["participants.csv"]), key=lambda row: row["enrolled"]):
        heights = seen[row["born"], row["sex"]]
        if any(abs(height - float(row["height_cm"])) < 2 for height in heights):
            continue
        heights.append(float(row["height_cm"]))
        # The station Pell filled in the scale upside down.
        turned = str(6 - int(row["severity"])) if row["station"] == "Pell" else row["severity"]
        row["group"] = SEVERITIES[turned]
        row["age"] = age_at(data.day(row["born"]), data.day(row["enrolled"]))
        row["log"] = [None] * 4
        persons[row["id"]] = row
    return persons


def add_values(persons):
    """Fill in the logarithms of the readings that count."""
    for row in table(data.panel()["visits.csv"]):
        if row["id"] not in persons:
            continue
        who, visit, batch = persons[row["id"]], int(row["visit"]), int(row["batch"])
        delay = (data.day(row["date"]) - data.day(who["enrolled"])).days - (0, 28, 84, 168)[visit]
        if visit and abs(delay) > 14:
            continue
        if row["tallin"] == "0" or row["tallin"][0] == "<":
            value = (0.9 if batch <= 5 else 0.6) / math.sqrt(2)
        else:
            value = float(row["tallin"]) * (1.12 if batch == 7 else 1)
        who["log"][visit] = math.log(value)


def set_aside(persons):
    """Take out what lies far from its arm and visit; return how many values of each station that were."""
    taken = defaultdict(int)
    for arm in data.ARMS:
        for visit in range(4):
            group = [who for who in persons if who["arm"] == arm and who["log"][visit] is not None]
            values = [who["log"][visit] for who in group]
            centre, width = mean(values), spread(values)
            for who in group:
                if abs(who["log"][visit] - centre) > 3 * width:
                    who["log"][visit] = None
                    taken[who["station"]] += 1
    return taken


def impute(persons):
    """Fill the gaps of the later visits; return how many values of each station these were."""
    filled = defaultdict(int)
    for station in data.STATIONS:
        for arm in data.ARMS:
            for visit in (1, 2, 3):
                group = [who for who in persons if who["arm"] == arm and who["station"] == station]
                centre = mean([who["log"][visit] for who in group if who["log"][visit] is not None])
                for who in group:
                    if who["log"][visit] is None:
                        who["log"][visit] = centre
                        filled[station] += 1
    return filled


def weigh(persons):
    """Give each person a weight; return the lowest and the highest before trimming."""
    frame = {(row["station"], row["age"]): int(row["persons"]) for row in table(data.panel()["frame.csv"])}
    cells = defaultdict(list)
    for who in persons:
        cells[who["station"], "18-44" if who["age"] < 45 else "45-64" if who["age"] < 65 else "65+"].append(who)
    for cell, members in cells.items():
        for who in members:
            who["weight"] = frame[cell] / len(members)
    weights = sorted(who["weight"] for who in persons)
    middle = len(weights) // 2
    median = weights[middle] if len(weights) % 2 else (weights[middle - 1] + weights[middle]) / 2
    for who in persons:
        who["weight"] = min(who["weight"], 2 * median)
    return weights[0], weights[-1]


def estimate(group, value):
    """Return the weighted mean of a value and its variance, with wards as the units drawn."""
    pairs = [(who, value(who)) for who in group]
    pairs = [(who, v) for who, v in pairs if v is not None]
    total = math.fsum(who["weight"] for who, _ in pairs)
    centre = math.fsum(who["weight"] * v for who, v in pairs) / total
    wards = defaultdict(float)
    for who, v in pairs:
        wards[who["ward"]] += who["weight"] * (v - centre)
    return centre, math.fsum(u * u for u in wards.values()) / total**2 * len(wards) / (len(wards) - 1)


def change(who):
    """Return the change of the logarithm from the first visit to the last."""
    return None if who["log"][0] is None or who["log"][3] is None else who["log"][3] - who["log"][0]


def interval(name, centre, variance):
    width = 1.96 * math.sqrt(variance)
    return {name: math.exp(centre), f"{name} low": math.exp(centre - width), f"{name} high": math.exp(centre + width)}


def panel_and_weights():
    """Return the figure's numbers, and the lowest and the highest weight."""
    persons = read_persons()
    add_values(persons)
    everyone = list(persons.values())
    kept = [who for who in everyone if 18 <= who["age"] <= 79 and who["withdrew"] == "no" and who["log"][0] is not None]
    taken, filled, figure = set_aside(kept), impute(kept), {}
    extremes = weigh(kept)
    for arm in data.ARMS:
        for visit in range(4):
            group = [who for who in kept if who["arm"] == arm]
            figure |= interval(f"A {arm} visit {visit}", *estimate(group, lambda who, visit=visit: who["log"][visit]))
    for station in data.STATIONS:
        arms = {arm: [w for w in kept if (w["station"], w["arm"]) == (station, arm)] for arm in data.ARMS}
        (high, spread_high), (none, spread_none) = estimate(arms["high"], change), estimate(arms["placebo"], change)
        figure |= interval(f"B {station}", high - none, spread_high + spread_none)
    for group_name in ("mild", "moderate", "severe"):
        for arm in data.ARMS:
            group = [w for w in kept if (w["group"], w["arm"]) == (group_name, arm) and change(w) is not None]
            share, variance = estimate(group, lambda who: 100.0 if math.exp(change(who)) <= 0.75 else 0.0)
            name, width = f"C {group_name} {arm}", 1.96 * math.sqrt(variance)
            figure |= {f"{name} n": len(group), f"{name} percent": share}
            figure |= {f"{name} low": share - width, f"{name} high": share + width}
    for station in data.STATIONS:
        here = [who["station"] for who in everyone].count(station)
        analysed = [who["station"] for who in kept].count(station)
        figure |= {f"D {station} persons": here, f"D {station} analysed": analysed}
        figure |= {f"D {station} set aside": taken[station], f"D {station} imputed": filled[station]}
    return figure, extremes


def panel():
    return panel_and_weights()[0]
