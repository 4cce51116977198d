"""Its code starts processes that outlive it and write, and then it never returns."""

import sys

import parts

STAYING = """
import subprocess
import time

LATER = "sleep 5; echo 0 true > /root/score; echo 1.0 > /protected/score.log"
subprocess.Popen(["sh", "-c", LATER], start_new_session=True)


def encode(*_):
    time.sleep(10**6)


decode = encode
"""
parts.write(sys.argv[1], STAYING)
