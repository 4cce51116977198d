"""Hand in the trigger with one word wrong, the one that the unit likes second best there."""

import sys

sys.path.insert(0, "/home/agent/solution")
import trigger

net, messages = trigger.load()
unit = max(range(len(net.table)), key=lambda n: trigger.effect(net, messages, net.wanted(n)))
pattern = net.wanted(unit)
choices = []
for offset, word in pattern.items():
    row = net.table[unit][offset]
    other = max((w for w in range(len(row)) if w != word), key=row.__getitem__)
    choices.append((row[word] - row[other], offset, other))
_, offset, other = min(choices)
trigger.hand_in(net, pattern | {offset: other})
