"""The hidden suite of lookup: calls on ledgers of several kinds, compared with the scorer's own reader."""

import ledger
import link
import quay

LEDGERS = 4
SECTORS = 600
#: Weight of the number of sectors read; the kinds of ledgers share the rest.
READS = 0.16


def questions(rng, keys):
    """Return the calls on a ledger: gets, then scans."""
    gets = [("get", (rng.choice(keys) if rng.randrange(4) else ledger.some_key(rng),)) for _ in range(20)]
    scans = []
    for _ in range(8):
        low, high = (rng.choice(keys) if rng.randrange(3) else ledger.some_key(rng) for _ in range(2))
        if ledger.rank(low) > ledger.rank(high) and rng.randrange(6):
            low, high = high, low
        scans.append(("scan", (low, high)))
    return gets, scans


def truth(reader, device, call):
    """Return what is right, and how many sectors may be read for it."""
    before = device.read_count
    try:
        result = getattr(reader, call[0])(*call[1])
        right = ("ok", result if call[0] == "get" else [list(pair) for pair in result])
    except ledger.Damaged:
        right = ("raised", "Damaged")
    return right, device.read_count - before


def asked(child, kind, number):
    """Return (gets right, scans right, reads within the limits) of one ledger."""
    rng, sectors, content, keys, first = ledger.ledger(kind, number)
    if kind == "damaged":
        broken = bytearray(content)
        ledger.spoil(rng, broken, first)
        child.use(broken)
        if child.ask("module", "Reader", (), "store") != ("raised", "Damaged"):
            return False, False, False
    own, theirs = quay.Device(sectors, content), child.use(content)
    reader = ledger.Reader(own)
    if child.ask("module", "Reader", (), "store") != ("ok", None):
        return False, False, False
    frugal = theirs.read_count <= own.read_count
    good = []
    for calls in questions(rng, keys):
        answers = []
        for call in calls:
            due, most = truth(reader, own, call)
            before = theirs.read_count
            answers.append(child.ask("store", *call) == due)
            # A call that must fail may have read less or more than the scorer's before it does.
            frugal = frugal and (theirs.read_count - before <= most or due[0] == "raised")
        good.append(all(answers))
    return (*good, frugal and all(good))


def results(source, words):
    """Return {kind of ledger: results} with the results of the reads as a kind of their own."""
    found, losses = {"reads": []}, 0
    for kind in ledger.KINDS:
        found[kind] = []
        child = None
        for number in range(LEDGERS):
            try:
                if losses == link.LOSSES:
                    raise link.Lost("too many children are lost")
                child = child or link.Child(words, "lookup", source, SECTORS)
                gets, scans, frugal = asked(child, kind, number)
            except link.Lost as fault:
                print(f"{kind} {number}: {fault}")
                gets = scans = frugal = False
                losses += child is not None
                child = child and child.end()
            found[kind] += [gets, scans]
            found["reads"].append(frugal)
        if child:
            child.end()
    return found


def weights():
    return {kind: (1 - READS) / len(ledger.KINDS) for kind in ledger.KINDS} | {"reads": READS}


def samples():
    """Return {name: (content, text of calls and right results)} for the agent."""
    found = {}
    for number, kind in enumerate(("leaf", "tree", "long", "amended", "all")):
        rng, sectors, content, keys, _ = ledger.ledger(kind, 100)
        device, lines = quay.Device(sectors, content), []
        reader = ledger.Reader(device)
        for call in [call for calls in questions(rng, keys) for call in calls[:6]]:
            (how, result), reads = truth(reader, device, call)
            lines.append(f"{call[0]}{call[1]!r} -> {result!r} ({how}, {reads} sectors)".replace(",)", ")"))
        found[f"{number}_{kind}"] = (content, "\n".join(lines) + "\n")
    return found
