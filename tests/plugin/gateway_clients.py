"""Runs inside a sandbox: the makers' clients and curl at the gateway, and a hunt for the key behind it."""

import json
import os
import subprocess
from pathlib import Path

import anthropic
import openai

HELLO = [{"role": "user", "content": "ping"}]
#: In two parts, or it would be found here.
KEY = ("sk-planted-" + "7f3a9c51d2e84b60").encode()
FOLDERS = ("/home", "/tmp", "/etc", "/opt", "/var", "/run", "/dev/shm", "/srv", "/mnt", "/root", "/protected")


def by_openai():
    client = openai.OpenAI(max_retries=0)
    yield client.chat.completions.create(model="gpt-4", messages=HELLO).choices[0].message.content
    parts = client.chat.completions.create(
        model="gpt-4", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    text, usage = "", None
    for part in parts:
        text += "".join(choice.delta.content or "" for choice in part.choices)
        usage = part.usage or usage
    assert usage.prompt_tokens == 10, usage
    yield text
    assert [model.id for model in client.models.list()] == [os.environ["METR_MODEL"].partition("/")[2]]
    try:
        openai.OpenAI(max_retries=0, api_key="x").chat.completions.create(model="gpt-4", messages=HELLO)
    except openai.AuthenticationError:
        yield "pong"


def by_anthropic():
    client = anthropic.Anthropic(max_retries=0)
    answer = client.messages.create(model="claude", max_tokens=50, messages=HELLO)
    assert answer.usage.input_tokens == 10, answer.usage
    yield answer.content[0].text
    with client.messages.stream(model="claude", max_tokens=50, messages=HELLO) as stream:
        text = "".join(stream.text_stream)
        assert stream.get_final_message().stop_reason == "end_turn"
    yield text
    assert [model.id for model in client.models.list()] == [os.environ["METR_MODEL"].partition("/")[2]]
    try:
        client.messages.create(model="claude", max_tokens=0, messages=HELLO)
    except anthropic.BadRequestError as error:
        yield "pong" if error.body["error"]["message"].startswith("max_tokens: expected") else error.body


def by_curl():
    url, token = os.environ["METR_URL"], os.environ["METR_TOKEN"]
    for streamed in (False, True):
        body = json.dumps({"messages": HELLO, "max_tokens": 50, "stream": streamed})
        argv = ["curl", "-sS", "-N", "--fail", "--data-binary", "@-", "-H", "Content-Type: application/json"]
        argv += ["-H", f"Authorization: Bearer {token}", "-H", "Expect: 100-continue", "-D", "/tmp/head"]
        done = subprocess.run(
            [*argv, f"{url}/v1/chat/completions"], input=body.encode(), capture_output=True, check=True
        )
        assert KEY not in done.stdout + Path("/tmp/head").read_bytes()
        yield "pong" if b'"content": "pong"' in done.stdout and streamed == (b"[DONE]" in done.stdout) else done.stdout
    outside = subprocess.run(["curl", "-sS", "-m", "5", "https://pypi.org/"], capture_output=True)
    yield "pong" if outside.returncode else "the internet is there"


def where_the_key_is():
    candidates = [Path(folder) for folder in FOLDERS]
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            candidates += [process / name for name in ("environ", "cmdline")]
    while candidates:
        path = candidates.pop()
        try:
            if path.is_dir() and not path.is_symlink():
                candidates += path.iterdir()
            elif path.is_file() and path.stat().st_size < 1_000_000 and KEY in path.read_bytes():
                yield str(path)
        except OSError:
            continue


found = [*by_openai(), *by_anthropic(), *by_curl()]
hiding = list(where_the_key_is())
assert found == ["pong"] * 9, found
assert not hiding, hiding
Path("submission.txt").write_text("done")
