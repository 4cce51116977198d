"""Cluster the hidden states as they are: what turns unseen keeps them apart for ever."""

import sys

sys.path.insert(0, "/home/agent/solution")
import automaton

table, accepting, _ = automaton.explore(automaton.load(), [])
automaton.hand_in(*automaton.minimal(table, accepting))
