"""Scores answers of ``removed`` and ``undertow``. They are JSON of any kind; nothing here raises for them."""

import hashlib


def text(value):
    """Return a value that can be compared with a name or a digest."""
    return value.strip().lower() if isinstance(value, str) and len(value) < 200 else None


def whole(value):
    """Return a whole number; None for what is none, and a bool is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def digests(answer, expected):
    """Return the points for ``{name: digest}``: one for each that is right, half a point less for each that is not."""
    answer = answer if isinstance(answer, dict) else {}
    right = {hashlib.sha256(data).hexdigest(): name for name, data in expected.items()}
    hits = [name for name, digest in answer.items() if right.get(text(digest)) == name]
    points = len(hits) - 0.5 * (len(answer) - len(hits))
    print(f"contents: {len(hits)} of {len(expected)} right, {len(answer) - len(hits)} wrong")
    return max(0.0, points) / len(expected)


def entries(answer, kind):
    """Return the objects of a list in the answer by (source, number), the first where one is there twice."""
    found = {}
    listed = answer.get(kind) if isinstance(answer.get(kind), list) else []
    for entry in listed[:2000]:
        if not isinstance(entry, dict):
            continue
        key = (text(entry.get("source")), whole(entry.get("number")))
        key += (text(entry.get("field")),) if kind == "tampered" else ()
        found.setdefault(key, entry)
    return found


def events(answer, truth):
    """Half a point for what was done by which account to which file, half for the time; half less for a false one."""
    claims, expected = entries(answer, "events"), truth["events"]
    what = when = false = 0
    for key, claim in claims.items():
        true = expected.get(key)
        if true is None:
            false += key not in truth["neutral"]
            continue
        same = (text(claim.get("op")), whole(claim.get("file")), text(claim.get("account")))
        time = whole(claim.get("time"))
        if same == (true["op"], true["file"], true["account"]):
            what += 1
            when += time is not None and abs(time - true["time"]) <= 1
    print(f"events: {what} of {len(expected)} right, {when} of them with the time; {false} false")
    return max(0.0, what + when - false) / (2 * len(expected))


def tampered(answer, truth):
    """Return the share of the tampered fields that were found, less the false ones."""
    claims, expected = set(entries(answer, "tampered")), truth["tampered"]
    hits = len(claims & expected)
    print(f"tampered: {hits} of {len(expected)} found, {len(claims) - hits} false")
    return max(0, hits - (len(claims) - hits)) / len(expected)


def undertow(answer, truth):
    """Return the score of a reconstruction."""
    contents = {str(number): data for number, data in truth["contents"].items()}
    parts = (events(answer, truth), digests(answer.get("contents"), contents), tampered(answer, truth))
    print("events {:.3f}, contents {:.3f}, tampered {:.3f}".format(*parts))
    return 0.5 * parts[0] + 0.25 * parts[1] + 0.25 * parts[2]
