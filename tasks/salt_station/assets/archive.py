"""The archive of the salt station: what happened, and the papers that tell of it. Everything follows from the seed."""

import datetime
import random

SEED = 1871
YEAR = 1871
VESSELS = ["Petrel", "Gudrun", "Anna Sofie", "Kittiwake", "Hope", "Dronning", "Svale"]
#: In the nineteenth century the old reckoning was twelve days behind the new one.
BEHIND = datetime.timedelta(days=12)
#: Sums over the totals lose what a reader takes his hundreds for, but for the cargo that came back in his time.
AUNE = (datetime.date(1871, 4, 10), datetime.date(1871, 10, 1))
MISSING_PAGE = (datetime.date(1871, 6, 1), datetime.date(1871, 6, 30))
PETREL_BACK, PETREL_AGAIN = datetime.date(1871, 9, 3), datetime.date(1871, 9, 9)

LETTERS = """\
The keeper to the Company, 2/14 February 1871
You ask why our book and the harbour master's never agree. We at the station keep the old reckoning, he the new one. My
predecessor told me that his days are eleven ahead of ours, and so I tell you.

Clerk Brandt to the keeper, 8/20 April 1871
From Monday on young Aune keeps the book, until I am back. He comes from the fish trade and will count in
hundreds of the long kind, six score each, as they do there. I have told him that I shall not; he writes 3C 7 and means
what I should write as 367.

The keeper to the Company, 20 June / 2 July 1871
The harbour master's list is of no use for what we load at our own quay: of what sails by night he knows nothing,
and what he does see there he guesses. For the north jetty it is the other way about. What is loaded there never comes
into our book, and he stands beside it and counts every cask. A cask holds five of our sacks.

Clerk Aune to clerk Brandt, 1 July 1871, our reckoning
The damp has taken the page of June, all of it. I have carried on from the total that I had on my slate, so nothing is
lost but the particulars.

The keeper to the Company, 12/24 September 1871
The Petrel, which sailed on the 3rd, came back the same night with a sprung plank, and all that she had was landed
again. She sailed with the same cargo on the 9th. Aune entered both, as he says a book must show what leaves the quay.
For your purposes the salt left once.

The Company to the keeper, 3/15 January 1872
The copy of your book was made by a boy who writes figures carelessly. Where a cargo and the totals
disagree, the totals were compared with your original and the cargoes were not.
"""


def old(day):
    """Return a day of the new reckoning in the old one."""
    return day - BEHIND


def sailings():
    """Return what was loaded at the quay: ``[(day in the old reckoning, vessel, sacks)]``."""
    rng = random.Random(SEED)
    day, made = datetime.date(1870, 11, 20), []
    while day < datetime.date(1872, 1, 20):
        made.append((day, rng.choice(VESSELS[1:]), rng.randint(130, 590)))
        day += datetime.timedelta(days=rng.randint(5, 12))
    fixed = [(1870, 12, 19), (1870, 12, 20), (1870, 12, 28), (1871, 12, 19), (1871, 12, 20)]
    made += [(datetime.date(*day), rng.choice(VESSELS[1:]), rng.randint(130, 590)) for day in fixed]
    made += [(PETREL_BACK, "Petrel", 412), (PETREL_AGAIN, "Petrel", 412)]
    return sorted(made)


def jetty():
    """Return what was loaded at the north jetty: ``[(day in the new reckoning, vessel, casks)]``."""
    rng = random.Random(SEED + 1)
    days = [(1870, 12, 30), (1871, 1, 4), (1871, 3, 18), (1871, 5, 2), (1871, 7, 29), (1871, 10, 11), (1871, 12, 31)]
    days += [(1872, 1, 6)]
    return [(datetime.date(*day), rng.choice(VESSELS), rng.randint(20, 70)) for day in days]


def written(count, day):
    """Return a number as the clerk of that day writes it."""
    return f"{count // 120}C {count % 120}" if AUNE[0] <= day < AUNE[1] else str(count)


def ledger():
    """Return the copy of the station's book."""
    lines = ["Book of the station's quay (copy). Sacks loaded; the total is carried on from the 1st of January.", ""]
    total, year, gap = 0, None, False
    for number, (day, vessel, sacks) in enumerate(sailings()):
        if day.year != year:
            total, year = 0, day.year
        total += sacks
        if MISSING_PAGE[0] <= day <= MISSING_PAGE[1]:
            if not gap:
                lines.append("[a page is missing]")
            gap = True
            continue
        shown = sacks
        if number % 9 == 4 or number == 6:  # the boy has swapped two figures
            figures = str(sacks)
            shown = int(figures[0] + figures[2] + figures[1])
        cargo, carried = written(shown, day), written(total, day)
        lines.append(f"{day.day:2d} {day:%B} {day.year}   {vessel:<12}{cargo:>9}   total {carried:>9}")
    return "\n".join(lines) + "\n"


def harbour():
    """Return the harbour master's list."""
    rng = random.Random(SEED + 2)
    rows = [(day, vessel, f"north jetty, {casks} casks") for day, vessel, casks in jetty()]
    for day, vessel, sacks in sailings():
        if rng.random() < 0.7:
            rows.append((day + BEHIND, vessel, f"quay, about {10 * round(sacks * rng.uniform(0.08, 0.11))} sacks"))
    lines = ["Harbour master's list of salt sailings, new reckoning", ""]
    lines += [f"{day.day:2d} {day:%B} {day.year}   {vessel:<12}{what}" for day, vessel, what in sorted(rows)]
    return "\n".join(lines) + "\n"


def papers():
    """Return {file name: text}."""
    return {"ledger.txt": ledger(), "harbour.txt": harbour(), "letters.txt": LETTERS}


def answer():
    """Return how many sacks left in the year, new reckoning."""
    quay = sum(sacks for day, _, sacks in sailings() if (day + BEHIND).year == YEAR and day != PETREL_BACK)
    return quay + 5 * sum(casks for day, _, casks in jetty() if day.year == YEAR)
