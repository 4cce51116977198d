"""Tests of studies: their files, and the runs of their steps."""
