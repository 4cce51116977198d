"""Runs inside the sandbox, as the agent: the words that a person has at hand in the shell, one of them per call.

It is copied into the sandbox; nothing here is imported there from this package.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

USAGE = {
    "submit": "submit TEXT, submit -f FILE or submit - (what comes by standard input): hand it in, and be done",
    "score": "score: have what is there scored now, where the task has such scores; your clock stands still meanwhile",
    "clock": "clock: show the time that you have used, and your limits",
    "pause": "pause: stop the clock, and with it your keyboard, until you press Enter",
    "note": "note TEXT: write a remark into the recording",
    "instructions": "instructions: show them again",
    "quit": "quit: give up; what you have so far is not handed in",
}


def main(word: str, arguments: list[str]) -> int:
    """Do what the word says, and return an exit status."""
    try:
        return run(word, arguments)
    except urllib.error.HTTPError as error:
        said = json.loads(error.read() or b"{}").get("error", {}).get("message", error.reason)
        print(f"{word}: {said}", file=sys.stderr)
    except OSError as error:
        print(f"{word}: {error}", file=sys.stderr)
    return 1


def run(word: str, arguments: list[str]) -> int:
    """Do what the word says. :raises OSError: where the host does not answer or declines."""
    if word == "help":
        print("\n".join(USAGE.values()))
    elif word == "instructions":
        print(Path("/home/agent/instructions.txt").read_text(encoding="utf-8"))
    elif word == "submit":
        return submit(arguments)
    elif word == "quit":
        return post("quit", {}) if sure("Give up? The run ends without a submission.") else 1
    elif word == "score":
        answer = ask("score", {})
        print(answer["message"] if isinstance(answer["message"], str) else json.dumps(answer["message"], indent=2))
        print(f"score: {answer['score']}" if answer["score"] is not None else "the score is not shown")
    elif word == "note":
        return post("note", {"text": " ".join(arguments)})
    else:
        print(ask(word, {})["message"])
    return 0


def submit(arguments: list[str]) -> int:
    """Hand in what the arguments say, once the person has seen it and agrees."""
    if arguments[:1] == ["-f"] and len(arguments) == 2:
        text = Path(arguments[1]).read_bytes().decode("utf-8", "replace")
    elif arguments == ["-"]:
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    elif arguments and arguments[0] != "-f":
        text = " ".join(arguments)
    else:
        print(USAGE["submit"], file=sys.stderr)
        return 2
    shown = text if len(text) <= 400 else f"{text[:200]}\n[...]\n{text[-200:]}"
    return post("submit", {"text": text}) if sure(f"Hand in these {len(text)} characters?\n{shown}\n") else 1


def sure(question: str) -> bool:
    """Ask, and return whether the person agrees."""
    print(f"{question} [y/N] ", end="", flush=True)
    with open("/dev/tty", encoding="utf-8") as terminal:  # noqa: PTH123 - a terminal is no path's content
        return terminal.readline().strip().lower() in ("y", "yes")


def post(word: str, data: object) -> int:
    """Tell the host, and return an exit status."""
    ask(word, data)
    return 0


def ask(word: str, data: object) -> dict[str, Any]:
    """Ask the host. :raises OSError: where it does not answer or declines."""
    request = urllib.request.Request(
        f"{os.environ['METR_URL']}/metr/{word}",
        data=json.dumps(data).encode(),
        headers={"Authorization": f"Bearer {os.environ['METR_TOKEN']}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
