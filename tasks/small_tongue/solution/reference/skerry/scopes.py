"""What the compiler knows of names: scopes, slots and what a module gives to others."""


class Slot:
    """A name's place. *sort* is what is known of the unit of its value: a unit or None."""

    def __init__(self, kind, index=0, sort=None, node=None, module=None, unit=None):
        self.kind, self.index, self.sort, self.node, self.module, self.unit = kind, index, sort, node, module, unit


class Scope:
    def __init__(self, parent, function=None):
        self.parent, self.slots = parent, {}
        self.function = function or (parent.function if parent else None)
        self.size = 1  # the first place of an environment is its parent

    def declare(self, name, slot):
        """Return whether the name was free."""
        if name in self.slots:
            return False
        slot.index = self.size
        self.size += 1
        self.slots[name] = slot
        return True

    def find(self, name):
        """Return (slot, number of scopes between), or (None, 0)."""
        scope, hops = self, 0
        while scope is not None:
            if name in scope.slots:
                return scope.slots[name], hops
            scope, hops = scope.parent, hops + 1
        return None, 0


class Function:
    """What the compiler must know of the function it is in."""

    def __init__(self, node=None, unit=None):
        self.node, self.unit = node, unit  # unit of the result where it is annotated
        self.marks = []  # what break, continue and tail calls must leave: "scope", "try", "defer" or a Loop


class Loop:
    def __init__(self):
        self.breaks, self.continues = [], []


class Module:
    def __init__(self, name, tree):
        self.name, self.tree = name, tree
        self.scope, self.families = Scope(None, Function()), {}
        self.tags, self.all_tags = {}, {}  # declared here; and with those that are imported
        self.exports, self.code = {}, None
        self.findings = {}  # place: message, the first for each place

    def find_fault(self, place, message):
        self.findings.setdefault(place, message)
