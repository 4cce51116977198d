"""Leaves the sums to Python's eval and its floats."""

from pathlib import Path

Path("/home/agent/work/sums.py").write_text("""
def answer(line):
    try:
        value = eval(line)
        return str(int(value)) if value == int(value) else str(round(value, 12))
    except Exception:
        return "error"


def run(text):
    return "".join(answer(line) + "\\n" for line in text.split("\\n") if line.strip())
""")
