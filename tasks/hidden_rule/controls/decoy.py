"""Hand in the pattern with the second greatest effect: it flips messages at hand, not those that are held clearly."""

import sys

sys.path.insert(0, "/home/agent/solution")
import trigger

net, messages = trigger.load()
patterns = [net.wanted(unit) for unit in range(len(net.table))]
patterns.sort(key=lambda pattern: -trigger.effect(net, messages, pattern))
trigger.hand_in(net, patterns[1])
