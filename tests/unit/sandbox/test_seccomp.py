"""The filters of system calls, judged by an interpreter of the few BPF instructions that they use."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.sandbox.seccomp import program

X86_64, I386, AARCH64 = 0xC000003E, 0x40000003, 0xC00000B7
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


def judge(code: bytes, arch: int, number: int, *arguments: int) -> int:
    """Return what the kernel would do about a system call."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *(*arguments, *[0] * 6)[:6])
    steps = list(struct.iter_unpack("=HBBI", code))
    place, value = 0, 0
    while True:
        operation, when_true, when_false, operand = steps[place]
        place += 1
        if operation == 0x06:
            return int(operand)
        if operation == 0x20:
            value = struct.unpack_from("=I", data, operand)[0]
        elif operation == 0x05:
            place += operand
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[operation]
            place += when_true if holds else when_false


def filters(machine: str) -> tuple[bytes, bytes]:
    root, agent = program(machine, agent=False), program(machine, agent=True)
    assert root is not None
    assert agent is not None
    return root, agent


@pytest.mark.parametrize(
    ("machine", "arch", "numbers"),
    [
        ("x86_64", X86_64, (92, 93, 94, 260)),
        ("x86_64", I386, (182, 95, 16, 212, 207, 198, 298)),
        ("aarch64", AARCH64, (54, 55)),
    ],
)
def test_a_change_of_owner_is_pretended(machine: str, arch: int, numbers: tuple[int, ...]) -> None:
    for code in filters(machine):
        for number in numbers:
            assert judge(code, arch, number) == ERRNO


@pytest.mark.parametrize(
    ("machine", "arch", "numbers"),
    [
        ("x86_64", X86_64, (250, 321, 323, 304, 425, 313)),
        ("x86_64", I386, (288, 357)),
        ("aarch64", AARCH64, (219, 280, 265)),
    ],
)
def test_what_breakouts_are_made_of_is_denied(machine: str, arch: int, numbers: tuple[int, ...]) -> None:
    for code in filters(machine):
        for number in numbers:
            assert judge(code, arch, number) == ERRNO | errno.EPERM


@pytest.mark.parametrize(("machine", "arch", "ptrace"), [("x86_64", X86_64, 101), ("aarch64", AARCH64, 117)])
def test_tracing_is_denied_to_the_agent_alone(machine: str, arch: int, ptrace: int) -> None:
    root, agent = filters(machine)
    assert judge(root, arch, ptrace) == ALLOW
    assert judge(agent, arch, ptrace) == ERRNO | errno.EPERM


@pytest.mark.parametrize(
    ("machine", "arch", "unshare", "clone"), [("x86_64", X86_64, 272, 56), ("aarch64", AARCH64, 97, 220)]
)
def test_the_agent_may_fork_and_not_make_user_namespaces(machine: str, arch: int, unshare: int, clone: int) -> None:
    root, agent = filters(machine)
    for number in (unshare, clone):
        assert judge(agent, arch, number, 0x10000000 | 0x20000) == ERRNO | errno.EPERM
        assert judge(agent, arch, number, 17) == ALLOW
        assert judge(root, arch, number, 0x10000000) == ALLOW
    assert judge(agent, arch, 435) == ERRNO | errno.ENOSYS


@pytest.mark.parametrize(("machine", "arch", "ioctl"), [("x86_64", X86_64, 16), ("aarch64", AARCH64, 29)])
def test_characters_are_not_pushed_into_a_terminal(machine: str, arch: int, ioctl: int) -> None:
    for code in filters(machine):
        for request in (0x5412, 0x541C, 0x5412 | 1 << 32):  # the kernel looks at the low half alone
            assert judge(code, arch, ioctl, 0, request) == ERRNO | errno.EPERM
        assert judge(code, arch, ioctl, 0, 0x5401) == ALLOW


@pytest.mark.parametrize(
    ("machine", "arch", "number"), [("x86_64", X86_64, 41), ("x86_64", I386, 359), ("aarch64", AARCH64, 198)]
)
def test_sockets_to_the_host_of_a_virtual_machine_are_denied(machine: str, arch: int, number: int) -> None:
    for code in filters(machine):
        assert judge(code, arch, number, 40, 1) == ERRNO | errno.EPERM
        for family in (1, 2, 10, 16):
            assert judge(code, arch, number, family, 1) == ALLOW


def test_no_socket_is_made_by_the_call_whose_arguments_cannot_be_seen() -> None:
    for code in filters("x86_64"):
        assert judge(code, I386, 102, 1) == ERRNO | errno.EPERM
        assert judge(code, I386, 102, 3) == ALLOW


def test_other_calling_conventions_do_not_get_round_the_filter() -> None:
    for code in filters("x86_64"):
        assert judge(code, AARCH64, 0) == ERRNO | errno.ENOSYS
        assert judge(code, X86_64, 0x40000000 | 101) == ERRNO | errno.ENOSYS
    assert judge(filters("aarch64")[0], 0x40000028, 0) == ERRNO | errno.ENOSYS


@given(st.integers(0, 2**32 - 1), st.sampled_from([X86_64, I386, AARCH64, 0]), st.integers(0, 2**64 - 1))
def test_every_call_gets_one_of_four_answers(number: int, arch: int, argument: int) -> None:
    answers = {ALLOW, ERRNO, ERRNO | errno.EPERM, ERRNO | errno.ENOSYS}
    for code in filters("x86_64"):
        assert judge(code, arch, number, argument, argument) in answers


def test_an_architecture_that_is_not_known_has_no_filter() -> None:
    assert program("riscv64", agent=True) is None


@pytest.mark.parametrize(("machine", "arch", "number"), [("x86_64", X86_64, 92), ("aarch64", AARCH64, 54)])
def test_where_there_are_two_users_a_change_of_owner_is_the_kernels_own_affair(
    machine: str, arch: int, number: int
) -> None:
    code = program(machine, one_user=False)
    assert code is not None
    assert judge(code, arch, number) == ALLOW
    vsock = {X86_64: 41, AARCH64: 198}[arch]
    assert judge(code, arch, vsock, 40) == ERRNO | errno.EPERM
