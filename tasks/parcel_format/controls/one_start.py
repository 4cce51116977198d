"""Has the polynomial, and takes the start value of the shortest samples for that of all parcels."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

files = solve.samples()
polynomial = solve.find_polynomial(files)
starts = solve.start_values(files, polynomial)
documents = solve.target_documents()
solve.hand_in(
    {
        name: solve.encode(text, lambda _: starts[max(k for k in starts if k < 30)], polynomial).hex()
        for name, text in documents.items()
    }
)
