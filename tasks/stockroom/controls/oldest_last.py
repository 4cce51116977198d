"""Makes oldest() look at the other end, which is all that the failing check asks for."""

import parts

parts.change("costing.py", "list(self.layers[0])", "list(self.layers[-1])")
