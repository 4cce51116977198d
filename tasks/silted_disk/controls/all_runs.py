"""Finds entries everywhere, and recovers from unbroken runs of the free list."""

from partial import attempt, recover

attempt((recover.whole,), tails=False, listed_only=False)
