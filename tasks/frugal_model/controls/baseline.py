"""What is given, as it is given."""

import subprocess
import sys

subprocess.run([sys.executable, "baseline.py"], cwd="/home/agent", check=True)
