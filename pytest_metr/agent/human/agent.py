"""The agent that is a person: at a shell in the sandbox, by the terminal that pytest was started in."""

from __future__ import annotations

import os
import struct
import threading
from importlib import resources

from pytest_metr.agent.gateway import Gateway
from pytest_metr.agent.handover import HOME, SCAFFOLDING, SUBMISSION_FILE, write_instructions
from pytest_metr.agent.human.console import Console
from pytest_metr.agent.human.recording import Recording
from pytest_metr.agent.human.sitting import Sitting
from pytest_metr.interfaces import Process, Workspace

#: Seconds between two looks at the limits, and at what was said in the shell.
_LOOK = 0.2
_FILES = ("desk.py", "shell.bashrc")


class HumanAgent:
    """Opens the shell, carries keys in and what it shows out, and hands in what the person says.

    :param console: the terminal; standard input and output unless given.
    """

    submission_file = SUBMISSION_FILE

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()

    def run(self, workspace: Workspace) -> str:
        """Let the person work until they hand in, give up, or their time is over."""
        with workspace.paused():  # what is made ready for them is not their time
            write_instructions(workspace)
            for name in _FILES:
                workspace.write_file(f"{SCAFFOLDING}/{name}", _text(name).encode())
            sitting = Sitting(workspace)
            gateway = Gateway(workspace, words=sitting.words)
        with gateway:
            self._console.tell(_welcome(workspace))
            try:
                while not sitting.over:
                    self._one_shell(workspace, sitting, gateway)
            finally:
                sitting.end()
                self._console.tell(f"over, after {sitting.used}")
        return sitting.submission or ""

    def _one_shell(self, workspace: Workspace, sitting: Sitting, gateway: Gateway) -> None:
        """Run a shell until it ends or the sitting does."""
        environment = {**gateway.environment, "TERM": os.environ.get("TERM", "xterm"), "LANG": "C.UTF-8"}
        argv = ["python3", "-u", "-c", _text("inside_terminal.py")]
        argv += ["bash", "--rcfile", f"{SCAFFOLDING}/shell.bashrc", "-i"]
        shell = workspace.spawn(argv, cwd=HOME, env=environment, room=1 << 24)
        recording = Recording(workspace)
        stop = threading.Event()
        shower = threading.Thread(target=self._show, args=(shell, recording, stop), name="metr-terminal")
        try:
            with self._console.raw(lambda: _resize(shell, self._console.window)):
                _resize(shell, self._console.window)
                shower.start()
                self._carry_keys(workspace, sitting, gateway, shell, shower)
        finally:
            # The shell is left as it is: what the person has left running in it may be what the task is about.
            stop.set()
            if shower.ident is not None:
                shower.join()
            recording.flush()
        if not sitting.over:
            self._console.tell("the shell has ended and is opened again; submit or quit ends the run")

    def _show(self, shell: Process, recording: Recording, stop: threading.Event) -> None:
        while not stop.is_set():
            shown = shell.receive(_LOOK)
            if shown == b"":
                return
            if shown is not None:
                self._console.show(shown)
                recording.add(shown)
            else:
                recording.flush()

    def _carry_keys(
        self, workspace: Workspace, sitting: Sitting, gateway: Gateway, shell: Process, shower: threading.Thread
    ) -> None:
        """Carry keys to the shell until it or the sitting has ended.

        :raises LimitReached: where the time is up.
        """
        told = False
        while not sitting.over and shower.is_alive():
            keys = self._console.read(_LOOK)
            workspace.check_limits()
            gateway.ending.check()  # a score that the task could not give, for example
            if sitting.paused:
                if not told:
                    self._console.tell(f"the clock stands still at {sitting.used}; press Enter to go on")
                told = True
                if keys is not None and (b"\r" in keys or not keys):
                    sitting.go_on()
                    told = False
            elif keys == b"":
                sitting.end()  # nobody is there any more
            elif keys is not None:
                shell.send(b"k" + struct.pack(">I", len(keys)) + keys)


def _resize(shell: Process, window: tuple[int, int]) -> None:
    shell.send(b"w" + struct.pack(">IHH", 4, *window))


def _text(name: str) -> str:
    return resources.files("pytest_metr.agent.human").joinpath(name).read_text(encoding="utf-8")


def _welcome(workspace: Workspace) -> str:
    rule = "-" * 60
    score = "score, " if workspace.can_score else ""
    words = f"submit, quit, {score}pause, clock, note, instructions; metr explains them"
    return f"{workspace.task_id}\n{rule}\n{workspace.instructions}\n{rule}\nYour words in this shell: {words}\n"
