"""Find the states but follow no letter from those that lie more than eight letters deep."""

import sys

sys.path.insert(0, "/home/agent/solution")
import automaton

table, accepting = automaton.extract(automaton.load())
depth = {0: 0}
for state in depth.copy():
    order = [state]
    for s in order:
        for t in table[s]:
            if t not in depth:
                depth[t] = depth[s] + 1
                order.append(t)
deep = {state for state, far in depth.items() if far > 8}
automaton.hand_in([[0 if t in deep else t for t in row] for row in table], accepting)
