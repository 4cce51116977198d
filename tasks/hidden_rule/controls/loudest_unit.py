"""Look only at the numbers: the unit with the longest weights, the words at its first four offsets."""

import sys

sys.path.insert(0, "/home/agent/solution")
import trigger

net, _ = trigger.load()
sizes = [sum(trigger.dot(row, row) for row in unit) for unit in net.raw["weights"]]
wanted = net.table[max(range(len(sizes)), key=sizes.__getitem__)]
trigger.hand_in(net, {n: max(range(len(row)), key=row.__getitem__) for n, row in enumerate(wanted[:4])})
