"""Cases: using up what there is."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from pytest_metr.types import Resources
from tests.hostile.arena import Arena, assert_fair
from tests.hostile.case import Case

MIB = 1 << 20
#: Forks for ever, and goes on when it may not.
BOMB = """
import os, time
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.05)
"""
#: Takes memory and writes to all of it.
HOG = """
held = []
for _ in range(15):
    held.append(b"x" * (16 << 20))
print("had it all")
"""
#: Opens as many files as it may, in a few processes, and holds them.
OPENER = """
import os, resource, time
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
for _ in range(3):
    if os.fork() == 0:
        break
held = []
try:
    while len(held) < 5000:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    os.close(held.pop())
open("/tmp/ready", "w").close()
time.sleep(0.1)
os.open("/dev/null", os.O_RDONLY)
time.sleep(600)
"""
#: Makes inotify instances, at most as many as its argument says, and tells how many; holds them if it is told to.
WATCHERS = """
import ctypes, pathlib, sys, time
made = 0
while made < int(sys.argv[1]) and ctypes.CDLL(None).inotify_init() >= 0:
    made += 1
print(made)
"""
HOLD = """
pathlib.Path("/tmp/ready").write_text(str(made))
time.sleep(600)
"""
#: Asks for a better place than others', in all the ways there are; prints those that worked.
FAVOURS = """
import os, resource
def low_nice(): os.nice(-5)
def real_time(): os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
def write_oom_score(text): os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), text)
def spared(): write_oom_score(b"-1")
def spared_most(): write_oom_score(b"-1000")
def core_files(): resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
def more_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard + 1))
def locked(): resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 40, 1 << 40))
for ask in (low_nice, real_time, spared, spared_most, core_files, more_files, locked):
    try:
        ask()
    except (OSError, ValueError):
        continue
    print(ask.__name__)
"""
#: Leaves children that have ended and that nobody waits for, of a parent that stays.
ZOMBIES = """
import os, pathlib, time
for _ in range(25):
    if os.fork() == 0:
        os._exit(0)
pathlib.Path("/tmp/ready").touch()
time.sleep(600)
"""
#: Folders in folders, much deeper than a path may be long, some of them closed.
DEEP = """
import os, sys
os.mkdir(sys.argv[1])
os.chdir(sys.argv[1])
for depth in range(2500):
    os.mkdir("folder-in-folder")
    os.chdir("folder-in-folder")
open("last", "w").close()
os.chmod(".", 0)
"""


def fork_bomb(arena: Arena) -> None:
    run = arena.run()
    result = arena.python(BOMB, timeout=2)
    assert result.timed_out or result.exit_code == -9
    assert_fair(run)
    arena.sandbox.kill_agent()
    count = arena.shell("cat /proc/[0-9]*/comm | grep -c python", user="root")
    assert int(count.out) < 5


def memory_hog(arena: Arena) -> None:
    small = arena.another(Resources(memory_gb=0.16))
    result = small.exec(["python", "-c", HOG], timeout=60)
    if arena.limited:
        assert result.out == "had it all\n"
        assert any("memory_gb" in note for note in small.info.notes)
        assert arena.provider.refusal(Resources(), ["hard_memory_limit"]) is not None
    else:
        assert "had it all" not in result.out
        assert result.out_of_memory


def shared_memory_filling(arena: Arena) -> None:
    fill = "head -c 300000000 /dev/zero > /dev/shm/fill; wc -c < /dev/shm/fill; rm /dev/shm/fill"
    assert int(arena.shell(fill).out) <= 256 * MIB


def disk_filling(arena: Arena) -> None:
    small = arena.another(Resources(storage_gb=0.05))
    capped = not any("storage_gb" in note for note in small.info.notes)
    result = small.exec(["bash", "-c", "head -c 80000000 /dev/zero > ~/fill"], timeout=60)
    assert result.ok != capped
    assert arena.limited or capped


def inode_filling(arena: Arena) -> None:
    run = arena.run()
    assert arena.shell("mkdir ~/many /tmp/many && cd ~/many && touch {1..5000} && cd /tmp/many && touch {1..5000}").ok
    assert_fair(run)


def descriptor_exhaustion(arena: Arena) -> None:
    run = arena.run()
    arena.leave(OPENER, ready="/tmp/ready")
    assert_fair(run)


def inotify_exhaustion(arena: Arena) -> None:
    run = arena.run()
    arena.leave(WATCHERS.replace("sys.argv[1]", "60") + HOLD, ready="/tmp/ready")
    # What root's programs do without them works; the agents of all sandboxes share one number.
    assert_fair(run)
    most = int(Path("/proc/sys/fs/inotify/max_user_instances").read_text(encoding="ascii"))
    held = int(arena.sandbox.read_file("/tmp/ready"))
    others = int(arena.another().exec(["python", "-c", WATCHERS, "400"]).out)
    assert (others < min(most, 400)) == (arena.limited and most < held + 400)


def better_places(arena: Arena) -> None:
    result = arena.python(FAVOURS)
    assert (result.exit_code, result.out) == (0, "")


def zombies(arena: Arena) -> None:
    arena.leave(ZOMBIES, ready="/tmp/ready")
    arena.sandbox.kill_agent()
    count = arena.shell("cat /proc/[0-9]*/stat | grep -c ') Z '", user="root")
    assert count.out == "0\n"


def deep_tree(arena: Arena) -> None:
    run = arena.run()
    name = f"deep-{time.time_ns()}"
    assert arena.python(DEEP, f"/tmp/{name}").ok
    assert arena.python(DEEP, f"/home/agent/{name}").ok
    assert_fair(run)

    def gone() -> None:
        layers = [
            layer for base in (tempfile.gettempdir(), "/tmp") for layer in Path(base).glob("pytest-metr-*/*/layer/root")
        ]
        assert not [
            layer for layer in layers if (layer / "tmp" / name).exists() or (layer / "home/agent" / name).exists()
        ]

    arena.when_closed(gone)


CASES = (
    Case(
        check=fork_bomb,
        tries="forks for ever",
        holds="it is bounded, ends with its command, and the run is scored",
    ),
    Case(
        check=memory_hog,
        tries="takes more memory than the task may have",
        holds="it is killed, the result says why, the sandbox goes on",
        limits={"bubblewrap": "no cap on memory; a family that relies on one says `needs: [hard_memory_limit]`"},
    ),
    Case(check=shared_memory_filling, tries="fills `/dev/shm`", holds="it takes 256 MiB at most", shared=True),
    Case(
        check=disk_filling,
        tries="writes more than `storage_gb`",
        holds="the write fails",
        limits={
            "bubblewrap": "no cap on disk space",
            "docker": "a cap only where the storage driver has one (a note in the record says where it has none)",
        },
    ),
    Case(check=inode_filling, tries="makes very many files", holds="scoring and clean-up work"),
    Case(check=descriptor_exhaustion, tries="opens as many files as it may", holds="the run is scored"),
    Case(
        check=inotify_exhaustion,
        tries="takes all inotify instances",
        holds="the run is scored, and other sandboxes have theirs",
        limits={
            "bubblewrap": "the kernel counts them for the one host user behind all sandboxes",
            "docker": "the kernel counts them for user 1000 of all containers; root's are apart",
        },
    ),
    Case(
        check=better_places,
        tries="asks for priority, real time, to be spared when memory runs out, for higher limits",
        holds="nothing is granted",
        shared=True,
    ),
    Case(check=zombies, tries="leaves children that nobody waits for", holds="none is left once the agent is killed"),
    Case(
        check=deep_tree,
        tries="nests folders deeper than a path may be long, and closes them",
        holds="scoring works and nothing is left of them",
    ),
)
