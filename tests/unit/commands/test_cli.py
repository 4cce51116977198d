"""What holds for all commands: mistakes, pipes, encodings, interrupts, and what is imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_metr.cli import COMMANDS
from tests.unit.commands.command import Command, run_command, write_agents
from tests.unit.report.reading import public_run, write_rows


def test_help_names_every_command_and_each_has_its_own(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    said = command("--help")
    assert said.status == 0
    assert all(f"  {name} " in said.out for name in COMMANDS)
    for name in COMMANDS:
        with pytest.raises(SystemExit) as caught:
            command(name, "--help")
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: pytest-metr {name} ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "expected a command, one of score, compare, gate"),
        (("scor",), "expected a command, one of score, compare, gate"),
        (("--version",), "expected a command, one of score, compare, gate"),
        (("score",), "the following arguments are required: PATH (see pytest-metr score --help)"),
        (("score", "x", "--nope"), "unrecognized arguments: --nope (see pytest-metr score --help)"),
        (("score", "x", "--draw", "5"), "unrecognized arguments: --draw"),
        (("score", "none.jsonl"), "none.jsonl: there is no such file or folder"),
        (("score", "x\x1b[2J\ny"), "x?[2J y: there is no such file or folder"),
        (("recover", "none"), "none: expected the folder of a session"),
        (("doctor", "none"), "none: expected a folder with task families"),
    ],
)
def test_a_mistake_is_one_line_with_status_4(command: Command, arguments: tuple[str, ...], line: str) -> None:
    assert command.refuses(*arguments).startswith(line)


def test_a_broken_file_is_refused_as_a_whole(command: Command, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "runs.jsonl", public_run("a"), public_run("b", score="NaN"))
    line = command.refuses("score", file)
    assert line == f"{file}:2: score: expected a finite number or null, found the text 'NaN'"


def test_scoring_imports_neither_pytest_nor_what_pictures_need(tmp_path: Path) -> None:
    file = write_agents(tmp_path / "runs.jsonl", bot=0.5)
    code = (
        "import sys\nfrom pytest_metr.cli import main\n"
        f"status = main(['score', {str(file)!r}, '--draws', '20'])\n"
        "print(sorted({'pytest', '_pytest', 'xdist', 'matplotlib', 'jsonschema'} & sys.modules.keys()), status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_a_reader_that_has_read_enough_is_no_error(tmp_path: Path) -> None:
    rows = [public_run(str(n), alias=f"agent {n}") for n in range(40)]
    file = write_rows(tmp_path / "runs.jsonl", *rows)
    command = [sys.executable, "-m", "pytest_metr", "score", str(file), "--draws", "2", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_told_in_one_line() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        command = [sys.executable, "-m", "pytest_metr", "protocol", "plain"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 4
    assert done.stderr == "pytest-metr: the answer could not be written: No space left on device\n"


def test_an_interrupt_ends_the_command_without_a_traceback(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "pytest_metr", "score", str(pipe)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
        pipe.open("wb"),  # returns when the command has opened it as well
    ):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_names_of_all_languages_are_written_whatever_the_locale(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "runs.jsonl", public_run(alias="Zoë-模型"))
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run_command("score", file, "--draws", "2", env=environment, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Zoë-模型" in done.stdout
