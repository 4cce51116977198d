"""Hand in the right automaton with a copy of every second state."""

import sys

sys.path.insert(0, "/home/agent/solution")
import automaton

table, accepting = automaton.extract(automaton.load())
table += [list(row) for row in table[::2]]
accepting += accepting[::2]
automaton.hand_in(table, accepting)
