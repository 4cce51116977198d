"""Gives a task to mini-swe-agent, and hands in what it submits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml
from minisweagent.config import builtin_config_dir

HERE = Path(__file__).parent
HOME = Path("/home/agent")
WORK = Path("/tmp/mini-swe-agent")


def main() -> str | None:
    """Run it, and return what went wrong, if anything did."""
    WORK.mkdir(exist_ok=True)
    task, trajectory = WORK / "task.yaml", WORK / "trajectory.json"
    instructions = (HOME / "instructions.txt").read_bytes().decode()
    task.write_text(yaml.safe_dump({"run": {"task": instructions}}), encoding="utf-8")
    command = ["/opt/agent/bin/mini", "--yolo", "--exit-immediately", "--cost-limit", "0"]
    command += ["--model", os.environ["METR_MODEL"], "--output", str(trajectory)]
    for config in (builtin_config_dir / "mini.yaml", HERE / "sandbox.yaml", task):
        command += ["--config", str(config)]
    status = subprocess.run(command, cwd=HOME, check=False).returncode
    if status != 0 or not trajectory.is_file():
        return f"mini-swe-agent ended with exit code {status}"
    info = json.loads(trajectory.read_text(encoding="utf-8"))["info"]
    if info["exit_status"] != "Submitted":
        return f"mini-swe-agent submitted nothing: {info['exit_status']}"
    # The newline at the end is the command's, as in a shell's $(...).
    submission = info["submission"].removesuffix("\n")
    (HOME / "submission.txt").write_bytes(submission.encode())
    return None


if __name__ == "__main__":
    sys.exit(main())
