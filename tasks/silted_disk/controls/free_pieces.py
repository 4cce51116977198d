"""Joins two runs of the free list too, but does not look into blocks that live files were given and never wrote."""

from partial import attempt, recover

attempt((recover.whole, recover.joined), tails=False, listed_only=False)
