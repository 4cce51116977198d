"""Which values a list of patterns leaves out, and which patterns are never reached.

Patterns are tuples as the compiler makes them:
("any",) ("bind", slot, pattern) ("literal", value) ("tagged", tag, parts) ("sequence", items, rest) ("fields", {name:
pattern}) ("either", patterns)
"""

from .values import Number, kind_of, text_of

ANY = ("any",)


def stripped(pattern):
    while pattern[0] == "bind":
        pattern = pattern[2]
    return pattern


def expanded(rows):
    """Return the rows with alternatives in the first column written out as rows of their own, and names taken off."""
    found = []
    for row in rows:
        head = stripped(row[0])
        if head[0] == "either":
            found += expanded([[choice, *row[1:]] for choice in head[1]])
        else:
            found.append([head, *row[1:]])
    return found


def constructors(heads):
    """Return all forms that a value of the first column may have, or None where nothing can be said of them."""
    heads = [head for head in heads if head[0] != "any"]
    if not heads:
        return None
    if all(head[0] == "tagged" for head in heads):
        family = heads[0][1].family
        return family.tags if all(head[1].family is family for head in heads) else None
    if all(head[0] == "literal" and type(head[1]) is bool for head in heads):
        return [True, False]
    if all(head[0] == "sequence" for head in heads):
        return [("length", n) for n in range(max(len(head[1]) for head in heads) + 2)]
    return None


def parts_of(form):
    """Return how many parts a form has."""
    if isinstance(form, bool):
        return 0
    return form[1] if isinstance(form, tuple) else len(form.fields)


def specialised(rows, form):
    """Return the rows that fit a form, its parts in place of the first column."""
    found = []
    for head, *rest in rows:
        parts = None
        if head[0] == "any":
            parts = [ANY] * parts_of(form)
        elif isinstance(form, bool):
            parts = [] if head[0] == "literal" and head[1] is form else None
        elif isinstance(form, tuple):
            if head[0] == "sequence" and (len(head[1]) == form[1] or (head[2] and len(head[1]) < form[1])):
                parts = head[1] + [ANY] * (form[1] - len(head[1]))
        elif head[0] == "tagged" and head[1] is form:
            parts = head[2]
        if parts is not None:
            found.append([*parts, *rest])
    return found


def form_text(form, parts):
    if isinstance(form, bool):
        return "true" if form else "false"
    inside = ", ".join(parts)
    if isinstance(form, tuple):
        return f"[{inside}]"
    return f"{form.name}({inside})" if parts else form.name


def missing(rows, width):
    """Return the texts of values, one a column, that no row fits, or None."""
    if width == 0:
        return None if rows else []
    rows = expanded(rows)
    forms = constructors([row[0] for row in rows])
    if forms is None:
        found = missing([row[1:] for row in rows if row[0][0] == "any"], width - 1)
        return None if found is None else ["_", *found]
    for form in forms:
        count = parts_of(form)
        found = missing(specialised(rows, form), count + width - 1)
        if found is not None:
            return [form_text(form, found[:count]), *found[count:]]
    return None


def key_of(literal):
    """A literal as something that can be compared."""
    unit = literal.unit if type(literal) is Number else ()
    return kind_of(literal), text_of(literal), unit


def useful(rows, row):
    """Return whether some values fit the row and none of the rows."""
    if not row:
        return not rows
    choices = expanded([row])
    if len(choices) > 1 or choices[0][0] is not row[0]:
        return any(useful(rows, choice) for choice in choices)
    rows = expanded(rows)
    head, rest = row[0], row[1:]
    if head[0] in ("literal", "fields") and not (head[0] == "literal" and type(head[1]) is bool):
        return useful(*(open_literal(rows, row) if head[0] == "literal" else open_fields(rows, row)))
    forms = constructors([r[0] for r in rows] + [head])
    if forms is None and head[0] in ("tagged", "literal", "sequence"):
        forms = constructors([head, *[r[0] for r in rows if r[0][0] == head[0]]]) or constructors([head])
    if forms is None:
        return useful([r[1:] for r in rows if r[0][0] == "any"], rest)
    return any(useful(specialised(rows, form), special) for form in forms for special in specialised([row], form))


def open_literal(rows, row):
    key = key_of(row[0][1])
    fit = [r for r in rows if r[0][0] == "any" or (r[0][0] == "literal" and key_of(r[0][1]) == key)]
    return [r[1:] for r in fit], row[1:]


def open_fields(rows, row):
    """A record has a field or has it not: a pattern that asks for a field that the row does not ask for may fail."""
    names = list(row[0][1])
    fit = [r for r in rows if r[0][0] == "any" or (r[0][0] == "fields" and set(r[0][1]) <= set(names))]
    parts = [[r[0][1].get(name, ANY) if r[0][0] == "fields" else ANY for name in names] for r in fit]
    rows = [[*inner, *r[1:]] for inner, r in zip(parts, fit, strict=False)]
    return rows, [*row[0][1].values(), *row[1:]]
