"""Leaves out the batches that logger A's sound ones do not explain."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

solve.hand_in(solve.held_out(solve.read_rows(), {"as it is": solve.REPAIRS["as it is"]}))
