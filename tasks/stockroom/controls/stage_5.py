"""Mends all but two rules in the engine."""

import parts

parts.mend("whole", *(f"stockroom/{name}.py" for name in ("holds", "money", "layers", "engine")))
FREE, HELD = "sku.free(now)", "sku.holds.of(ref, now)"
parts.change("stockroom/engine.py", f"{FREE} + {HELD}", f"max({FREE}, {HELD})")
parts.change("stockroom/engine.py", 'if name != event["sku"] or event["qty"]', 'if event["qty"]')
