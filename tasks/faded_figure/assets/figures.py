"""What of each figure is legible, how it is rounded, and how answers are marked."""

import math

import data
import truth

LEGIBLE = {
    "bars": ("amber n", "amber mean", "amber half width", "clay n", "clay mean", "clay half width"),
    "curve": tuple(f"{year} {what}" for year in (2000, 2006, 2011) for what in ("cases", "rate", "low", "high")),
    "panel": (
        "A placebo visit 0",
        "A placebo visit 0 low",
        "A placebo visit 0 high",
        "A low visit 2",
        "A high visit 3",
        "A high visit 3 low",
        "A high visit 3 high",
        "B Ardle",
        "B Ardle low",
        "B Ardle high",
        "B Orrin",
        "C mild placebo n",
        "C mild low n",
        "C mild low percent",
        "C severe high n",
        "C severe high percent",
        "C severe high low",
        "C severe high high",
        "D Ardle persons",
        "D Ardle analysed",
        "D Brimm persons",
        "D Brimm analysed",
        "D Corvey persons",
        "D Corvey analysed",
        "D Corvey set aside",
        "D Corvey imputed",
        "D Pell persons",
    ),
}
FIGURES = {"bars": truth.bars, "curve": truth.curve, "panel": truth.panel}


def decimals(task, name, value):
    """Return the decimals that the figure shows; None for counts."""
    return None if isinstance(value, int) else {"bars": 2, "curve": 1}.get(task, 1 if name[0] == "C" else 3)


def shown(task):
    """Return the figure as the agent sees it: null for what has faded."""
    figure = FIGURES[task]()
    return {
        name: None
        if name not in LEGIBLE[task]
        else value
        if isinstance(value, int)
        else round(value, decimals(task, name, value))
        for name, value in figure.items()
    }


def right(task, name, found, value):
    """Tell whether a number is that of the figure: within 0.6 of the last place shown."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    if isinstance(found, float) and not math.isfinite(found):
        return False
    places = decimals(task, name, value)
    if places is None:
        return found == value
    return abs(found) < 1e9 and abs(found - value) <= 0.6 * 10**-places


def mark(task, answer):
    """Return, for each faded number, whether the answer has it."""
    faded = {name: value for name, value in FIGURES[task]().items() if name not in LEGIBLE[task]}
    return {name: right(task, name, answer.get(name), value) for name, value in faded.items()}


def paper(task, template):
    """Return the paper with the numbers that it reports."""
    if task == "curve":
        counts = truth.counted_cases()
        totals = [sum(counts[year, band] for year in data.YEARS) for band in range(6)]
        return template.replace("@cases@", " | ".join(map(str, totals)))
    if task == "panel":
        lowest, highest = truth.panel_and_weights()[1]
        return template.replace("@lowest@", f"{lowest:.2f}").replace("@highest@", f"{highest:.2f}")
    return template
