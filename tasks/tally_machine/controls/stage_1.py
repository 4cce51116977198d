"""Bits for all needles at once, in one of the five programs; the other four as delivered."""

import stages

stages.write(plain=["needles"])
