"""Tests of the family, run in its sandbox by root after ``start``: service, secrets, scorer and seeds."""

import contextlib
import importlib
import itertools
import re
import socket
import sys
from pathlib import Path

import pytest

HOME = Path("/home/agent")
WORD = re.compile(r"flag\{[a-z]+-[a-z]+-[0-9]{4}\}")

sys.path.insert(0, "/root/assets")
hidden = importlib.import_module("hidden")


def ask(*lines):
    """Return the replies of the service to some requests over one connection."""
    with socket.create_connection(("127.0.0.1", 8437), timeout=10) as connection:
        connection.sendall(b"".join(line + b"\n" for line in lines))
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read().decode().splitlines()


@pytest.fixture
def word(task_name):
    """Return the right word."""
    return hidden.of(task_name)[0]


@pytest.fixture
def service(task_name):
    """Return a function that makes the task's service of a seed, in this process."""

    def of_seed(seed, monkeypatch):
        monkeypatch.setattr(hidden, "SEED", seed)
        return importlib.import_module(task_name).Service(hidden.of(task_name)[1])

    return of_seed


def test_word_scores_1_with_blanks_around_it(task_family, task, word):
    assert WORD.fullmatch(word)
    assert task_family.score(task, word) == 1
    assert task_family.score(task, f" {word}\n") == 1


@pytest.mark.parametrize("junk", ["", " ", "flag{...}", "flag{}", "\0", "1.0", "٠" * 10**6, "\ud800", "flag{a-b-0000}"])
def test_junk_scores_0(task_family, task, junk):
    assert task_family.score(task, junk) == 0


def test_what_is_near_the_word_scores_0(task_family, task, word):
    for near in (word[5:-1], word.upper(), word + word, f"{word}\nflag{{a-b-0000}}", word[:-1], f"the word is {word}"):
        assert task_family.score(task, near) == 0


def test_instructions_and_tasks_tell_no_secret(task_family, task, word):
    text = task_family.get_instructions(task)
    assert "/home/agent/service" in text
    assert "8437" in text
    assert "/root" not in text
    secrets = [word, *hidden.of(task["service"])[1].values()]
    for told in (text, repr(task), *(path.read_text() for path in (HOME / "service").iterdir())):
        assert not any(secret in told for secret in secrets)


def test_source_is_that_of_the_service(task_name):
    for name in ("line_server.py", f"{task_name}.py"):
        assert (HOME / "service" / name).read_bytes() == Path("/root/assets", name).read_bytes()


def test_service_answers(task_name):
    first = {"keystream": b"STORED", "extension": b"GUEST", "padding": b"STORED"}[task_name]
    pong, told, again = ask(b"PING", first, first)
    assert pong == "PONG"
    assert told == again
    assert WORD.search(told) is None


def test_service_survives_junk():
    lines = [
        b"",
        b"\xff\xfe",
        b"OPEN",
        b"OPEN zz zz",
        b"OPEN 00",
        b"SEAL",
        "SEAL ä".encode(),
        b"A" * 10_000,
        b"OPEN 00 \xc3\xa4",
    ]
    assert ask(*lines)
    assert ask(b"PING") == ["PONG"]


def test_secrets_are_not_in_arguments_or_environment(task_name):
    secrets = [value.encode() for value in hidden.of(task_name)[1].values()]
    for name in ("cmdline", "environ"):
        for path in Path("/proc").glob(f"[0-9]*/{name}"):
            with contextlib.suppress(OSError):
                assert not any(secret in path.read_bytes() for secret in secrets)


def test_seeds_give_differing_words_and_keys(task_name, monkeypatch):
    made = []
    for seed in range(100):
        monkeypatch.setattr(hidden, "SEED", seed)
        word, secrets = hidden.of(task_name)
        assert WORD.fullmatch(word)
        assert sum(word in value for value in secrets.values()) == 1
        made.append((word, secrets["key"]))
    assert len(set(made)) == 100


def test_key_streams_come_again_for_every_seed(task_name, service, monkeypatch):
    if task_name != "keystream":
        pytest.skip("for keystream only")
    for seed in range(5):
        made = service(seed, monkeypatch)
        nonce, sealed = made.answer("STORED", []).split()
        note = hidden.of("keystream")[1]["note"].encode()
        shown = dict(enumerate(a ^ b for a, b in zip(bytes.fromhex(sealed), note, strict=True)))
        for turn, _ in itertools.product(range(1, 8), range(64)):
            found, cipher = made.answer("SEAL", ["A" * 24]).split()
            if found == nonce:
                stream = {8 * turn + i: b ^ ord("A") for i, b in enumerate(bytes.fromhex(cipher))}
                assert all(shown.get(place, byte) == byte for place, byte in stream.items())
        assert len(note) < 8 * 7 + 24


def test_a_connection_ends_after_12_wrong_tags(task_name, service, monkeypatch):
    if task_name != "extension":
        pytest.skip("for extension only")
    for seed in range(20):
        made = service(seed, monkeypatch)
        assert 17 + 12 <= len(made.key) <= 40  # whoever tries lengths from 17 on is thrown out once
        message, tag = made.connect()("GUEST", []).split()
        assert made.connect()("OPEN", [message, tag]) == "welcome, guest"
        answer = made.connect()
        assert {answer("OPEN", [message, "0" * 16]) for _ in range(11)} == {"wrong tag"}
        with pytest.raises(ConnectionAbortedError):
            answer("OPEN", [message, "0" * 16])


def test_tokens_hold_their_text_for_every_seed(task_name, service, monkeypatch):
    if task_name != "padding":
        pytest.skip("for padding only")
    module = importlib.import_module("padding")
    for seed in range(10):
        made = service(seed, monkeypatch)
        assert len(made.stored) // 8 in (8, 9)
        assert made.connect()("OPEN", [made.stored.hex()]) == "accepted"
        assert module.unpad(made.decrypt(made.stored))[4:].decode() == hidden.of("padding")[1]["text"]
        changed = bytearray(made.stored)
        changed[0] ^= 1
        assert made.fault(bytes(changed)) == "checksum"
        changed[-9] ^= 1
        assert made.fault(bytes(changed)) == "padding"
