"""The evaporation pans: a made-up law, runs that hide it, and conditions to predict, all from the seed."""

import random

SEED = 5150
CRUST = 0.2


def law(wind, temperature, salinity):
    """Return the evaporation in mm a day. Above the salinity CRUST a crust keeps the wind off."""
    air = 2.6 if salinity >= CRUST else (wind + 1.5) ** 0.8
    return 0.021 * air * temperature**1.5 / (1 + 4 * salinity)


def salt(rng, crust):
    """Return a salinity, well away from where the crust begins."""
    return rng.uniform(0.215, 0.34) if crust else rng.uniform(0.01, 0.185)


def conditions(rng, crust, together):
    """Return wind, temperature and salinity; *together* means that warm days are the windy ones."""
    temperature = rng.uniform(8, 34)
    wind = max(0.1, 0.3 * temperature - 2 + rng.uniform(-1, 1)) if together else rng.uniform(0.1, 9)
    return round(wind, 2), round(temperature, 1), round(salt(rng, crust), 3)


def runs():
    """Return the lines of the table of runs."""
    rng = random.Random(SEED)
    lines = ["run,pan,observer,wind_m_s,temperature_c,humidity_percent,salinity,evaporation_mm_day"]
    for run in range(1, 171):
        pan = rng.choice("AB")
        crust = rng.random() < (0.25 if pan == "B" else 0.1)
        wind, temperature, salinity = conditions(rng, crust, together=run % 6 != 0)
        humidity = 95 - 1.6 * temperature + rng.uniform(-4, 4)
        measured = law(wind, temperature, salinity) * (1 + rng.uniform(-0.002, 0.002))
        if pan == "B" and run > 60:  # the pan was dented, and leaks
            measured = 1.06 * measured + 0.3
        observer = rng.choice(["Ida", "Nils"])
        lines.append(f"{run},{pan},{observer},{wind},{temperature},{humidity:.0f},{salinity},{measured:.3f}")
    return lines


def targets():
    """Return ``[(name, wind, temperature, salinity)]`` to be predicted."""
    rng = random.Random(SEED + 1)
    made = []
    for number in range(24):
        wind, temperature, salinity = conditions(rng, crust=number % 3 == 0, together=number % 4 == 1)
        made.append((f"p{number:02d}", wind, temperature, salinity))
    return made


def answer():
    """Return {name: evaporation}."""
    return {name: law(*values) for name, *values in targets()}
