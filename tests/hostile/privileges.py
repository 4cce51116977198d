"""Cases: becoming more than one is."""

from __future__ import annotations

import platform

import pytest

from tests.hostile.arena import Arena, assert_fair
from tests.hostile.case import Case

#: Makes calls that only a powerful root may make, by their numbers on x86-64; prints those that were not refused. None
#: would do harm.
POWERS = """
import ctypes
call = ctypes.CDLL(None, use_errno=True).syscall
nothing, text = ctypes.c_void_p(0), ctypes.c_char_p(b"x")
tried = {
    "reboot": (169, 0, 0, 0, 0), "swapon": (167, text, 0), "sethostname": (170, b"x", 1), "acct": (163, text),
    "pivot_root": (155, b"/tmp", b"/tmp"), "chroot": (161, b"/tmp"), "umount": (166, b"/root", 2),
    "mount": (165, b"none", b"/mnt", b"tmpfs", 0, nothing), "setns": (308, 0, 0), "iopl": (172, 3),
    "quotactl": (179, 0x800002, nothing, 0, nothing), "syslog": (103, 5, nothing, 0), "vhangup": (153,),
    "unshare mounts": (272, 0x20000), "unshare network": (272, 0x40000000), "unshare users": (272, 0x10000000),
    "unshare processes": (272, 0x20000000), "unshare control groups": (272, 0x02000000),
    "unshare time": (272, 0x80), "open_tree": (428, -100, b"/", 1),
    "move_mount": (429, -100, b"/tmp", -100, b"/mnt", 0),
    "fsopen": (430, b"tmpfs", 0), "fspick": (433, -100, b"/", 0), "mount_setattr": (442, -100, b"/", 0, nothing, 0),
    "fanotify_init": (300, 0, 0), "init_module": (175, text, 1, b""), "finit_module": (313, 0, b"", 0),
    "delete_module": (176, b"x", 0), "kexec_load": (246, 0, 0, nothing, 0),
}
for name, arguments in tried.items():
    if call(*arguments) >= 0:
        print(name)
"""
#: Makes calls of which break-outs are made, as above.
DANGEROUS = """
import ctypes
call = ctypes.CDLL(None, use_errno=True).syscall
space = ctypes.create_string_buffer(256)
tried = {
    "keyctl": (250, 0, -3, 0), "add_key": (248, b"user", b"x", b"x", 1, -3),
    "request_key": (249, b"user", b"x", None, 0), "bpf": (321, 0, space, 48), "userfaultfd": (323, 0x800),
    "perf_event_open": (298, space, 0, -1, -1, 0), "io_uring_setup": (425, 2, space),
    "open_by_handle_at": (304, -100, space, 0),
}
for name, arguments in tried.items():
    if call(*arguments) >= 0 or ctypes.get_errno() not in (1, 13, 38):
        print(name, ctypes.get_errno())
"""
#: Makes a process in a user namespace of its own, by both calls, as above; prints those that worked.
CLONES = """
import ctypes, os
call = ctypes.CDLL(None).syscall
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
for name, made in (("clone", lambda: call(56, 0x10000011, 0, 0, 0, 0)), ("clone3", lambda: call(435, arguments, 88))):
    pid = made()
    if pid == 0: os._exit(0)
    if pid > 0: print(name)
"""
#: Tries to become root in every way that asks nobody; prints those that worked.
BECOME = """
import ctypes, os
libc = ctypes.CDLL(None)
def as_root(): os.setuid(0)
def as_effective(): os.seteuid(0)
def as_group(): os.setgid(0)
def as_protected(): os.setgroups([999])
def as_file(): libc.setfsuid(0); open("/root/answer.txt").read()
def by_capabilities():
    head, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
    if libc.capset(head, data) != 0: raise OSError
def by_keeping():
    if libc.prctl(47, 2, 21, 0, 0) != 0: raise OSError
for way in (as_root, as_effective, as_group, as_protected, as_file, by_capabilities, by_keeping):
    try:
        way()
    except OSError:
        continue
    print(way.__name__)
status = open("/proc/self/status").read()
for line in ("NoNewPrivs:\\t1", "CapEff:\\t0000000000000000", "CapPrm:\\t0000000000000000"):
    if line not in status: print("without", line)
"""
#: Asks programs with the setuid bit, and those that make namespaces, for a root's id; prints those that gave it.
SETUID = """
import subprocess
commands = (
    "su -c id", "su root -c id", "sudo -n id", "pkexec id", "newgrp root", "sg root id", "unshare -Ur id",
    "setpriv --reuid=0 id", "setpriv --regid=0 --clear-groups id", "chroot / id", "runuser -u root id",
)
started = []
for command in commands:
    try:
        started.append(subprocess.Popen(command.split(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True))
    except OSError:
        continue
for process in started:
    if "=0(" in process.communicate(timeout=30)[0]:
        print(process.args)
"""
TERMINAL = """
import fcntl, os, pty, termios
for path in ("/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1", "/proc/1/fd/0", "/dev/pts/0"):
    try:
        fd = os.open(path, os.O_RDWR)
        fcntl.ioctl(fd, termios.TIOCSTI, b"x")
        print(path)
    except OSError:
        continue
"""
#: Writes to settings of the kernel and to control groups; prints what took it.
SETTINGS = """
import os
# What a process of its own namespaces may set for these alone.
own = ("/proc/sys/fs/mqueue/", "/proc/sys/kernel/msg", "/proc/sys/kernel/shm", "/proc/sys/kernel/sem",
       "/proc/sys/kernel/auto_msgmni", "/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/pid_max")
names = ["/proc/sysrq-trigger", "/proc/1/oom_score_adj", "/proc/1/uid_map"]
for top in ("/proc/sys", "/sys"):
    for folder, folders, files in os.walk(top):
        if folder.count("/") > 5: folders.clear()
        names += [os.path.join(folder, name) for name in files]
for name in names:
    try:
        fd = os.open(name, os.O_WRONLY | os.O_NONBLOCK)
        os.close(fd)
    except OSError:
        continue
    if not name.startswith(own): print(name)
try:
    open("/proc/sys/kernel/pid_max", "w").write("2000")
except OSError:
    pass
for folder, folders, files in os.walk("/sys/fs/cgroup"):
    if os.access(folder, os.W_OK): print(folder)
"""
DEVICES = """
import os, stat
harmless = {(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2)}
for folder, _, files in os.walk("/dev"):
    for name in files:
        path = os.path.join(folder, name)
        found = os.lstat(path)
        if stat.S_ISBLK(found.st_mode): print("block", path)
        number = (os.major(found.st_rdev), os.minor(found.st_rdev))
        known = number in harmless or number[0] == 136
        if stat.S_ISCHR(found.st_mode) and not known: print("device", path)
numbers = ((stat.S_IFBLK, 8, 0), (stat.S_IFBLK, 254, 0), (stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 1, 11),
           (stat.S_IFCHR, 10, 229))
for kind, major, minor in numbers:
    for place in ("/home/agent/node", "/tmp/node", "/dev/shm/node"):
        try:
            os.mknod(place, kind | 0o666, os.makedev(major, minor))
            os.open(place, os.O_RDONLY)
            print("opened", major, minor)
        except OSError:
            continue
"""


def printed(arena: Arena, code: str) -> str:
    """Return what *code* printed; it has to end well."""
    result = arena.python(code)
    assert result.exit_code == 0, result.err
    return result.out


def printed_on_x86_64(arena: Arena, code: str) -> str:
    """Return what *code* printed, which knows system calls by their numbers on one architecture."""
    if platform.machine() != "x86_64":
        pytest.skip(f"the numbers of system calls are those of x86-64, and this is {platform.machine()}")
    return printed(arena, code)


def powerful_calls(arena: Arena) -> None:
    assert printed_on_x86_64(arena, POWERS) == ""


def dangerous_calls(arena: Arena) -> None:
    assert printed_on_x86_64(arena, DANGEROUS) == ""


def becoming_root(arena: Arena) -> None:
    assert printed(arena, BECOME) == ""


def setuid_programs(arena: Arena) -> None:
    assert printed(arena, SETUID) == ""


def setuid_copy(arena: Arena) -> None:
    arena.run()
    script = "cp /bin/bash ~/bash && chmod 6755 ~/bash && ~/bash -p -c 'id -u; id -g; cat /root/answer.txt'"
    assert arena.shell(script).out == "1000\n1000\n"
    # Nor does one help that root left with the bit set.
    assert arena.shell("cp /bin/bash /tmp/bash; chown 0:0 /tmp/bash; chmod 6755 /tmp/bash", user="root").ok
    assert arena.shell("/tmp/bash -p -c 'id -u; cat /root/answer.txt'").out == "1000\n"


def user_namespaces(arena: Arena) -> None:
    for options in ("-U", "-Ur", "-Urm", "-Urn", "-Urpf --mount-proc"):
        assert not arena.shell(f"unshare {options} true").ok
    assert printed_on_x86_64(arena, CLONES) == ""


def mounts(arena: Arena) -> None:
    run = arena.run()
    script = """
mount -t tmpfs none /mnt; mount -t proc none /mnt; mount --bind /root /mnt; mount -o remount,rw /
umount /root; umount -l /
mount -t overlay none /mnt -o lowerdir=/,upperdir=/tmp,workdir=/tmp; mount -t cgroup none /mnt; mount -t sysfs none /mnt
fusermount3 -u /root; chroot /tmp /bin/true; pivot_root /tmp /tmp
"""
    before = arena.shell("cut -d' ' -f5- /proc/self/mountinfo").out
    arena.shell(script)
    assert arena.shell("cut -d' ' -f5- /proc/self/mountinfo").out == before
    assert_fair(run)


def kernel_settings(arena: Arena) -> None:
    assert printed(arena, SETTINGS) == ""


def devices(arena: Arena) -> None:
    assert printed(arena, DEVICES) == ""


def terminal_injection(arena: Arena) -> None:
    assert printed(arena, TERMINAL) == ""


CASES = (
    Case(
        check=powerful_calls,
        tries="makes every call that only a powerful root may make",
        holds="all are refused",
        shared=True,
    ),
    Case(
        check=dangerous_calls,
        tries="makes calls of which break-outs are made (keyctl, bpf, io_uring, userfaultfd, perf and others)",
        holds="all are refused",
        shared=True,
    ),
    Case(
        check=becoming_root, tries="changes its user, its groups and its capabilities", holds="it cannot", shared=True
    ),
    Case(
        check=setuid_programs,
        tries="runs programs with the setuid bit: su, sudo and others",
        holds="it stays itself",
        shared=True,
    ),
    Case(
        check=setuid_copy,
        tries="makes a program of its own with the setuid bit, and uses root's",
        holds="it stays itself",
        shared=True,
    ),
    Case(
        check=user_namespaces, tries="makes user namespaces, in which it would be root", holds="it cannot", shared=True
    ),
    Case(check=mounts, tries="mounts, unmounts and changes its root", holds="all mounts are as they were", shared=True),
    Case(
        check=kernel_settings,
        tries="writes to `/proc/sys`, `/sys`, control groups and the kernel's triggers",
        holds="none can be opened for writing",
        shared=True,
    ),
    Case(
        check=devices,
        tries="looks for devices of the host and makes its own",
        holds="there are the harmless ones",
        shared=True,
    ),
    Case(check=terminal_injection, tries="types into a terminal of somebody else", holds="there is none", shared=True),
)
