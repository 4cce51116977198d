"""Recovers only what the directory still lists, from unbroken runs of the free list."""

from partial import attempt, recover

attempt((recover.whole,), tails=False, listed_only=True)
