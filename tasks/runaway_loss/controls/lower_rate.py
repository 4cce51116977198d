"""Turns the rate down until the script's loss falls, and lets it run for longer."""

import json
import subprocess
import sys
from pathlib import Path

settings = json.loads(Path("/home/agent/settings.json").read_text())
settings.update({"rate": 1e-8 if sys.argv[1] == "diverging" else 1e-7, "epochs": 200})
Path("/home/agent/settings.json").write_text(json.dumps(settings))
subprocess.run([sys.executable, "train.py"], cwd="/home/agent", stdout=subprocess.DEVNULL, check=True)
