"""The system calls that a sandbox answers differently from a kernel, as a classic BPF program.

Numbers are from the kernel's ``syscall_64.tbl``, ``syscall_32.tbl`` and ``asm-generic/unistd.h``.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping
from dataclasses import dataclass

_LOAD, _EQUAL, _AT_LEAST, _AND_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENT = 0, 4, 16
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_X32 = 0x40000000
_CLONE_NEWUSER = 0x10000000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
#: Sockets to the host of a virtual machine, which no namespace keeps apart.
_AF_VSOCK = 40
_SOCKETCALL_SOCKET = 1

#: One host user stands behind every user inside, so a change of owner cannot be made; it is said to have been.
PRETENDED = ("chown", "fchown", "lchown", "fchownat", "chown16", "fchown16", "lchown16")
#: What no task needs and breakouts are made of.
DENIED = (
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "open_by_handle_at",
    "io_uring_setup",
)
#: Denied to the agent besides: they reach into other processes.
DENIED_TO_AGENT = ("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd")

_X86_64 = {
    "chown": 92,
    "fchown": 93,
    "lchown": 94,
    "fchownat": 260,
    "keyctl": 250,
    "add_key": 248,
    "request_key": 249,
    "bpf": 321,
    "perf_event_open": 298,
    "userfaultfd": 323,
    "kexec_load": 246,
    "kexec_file_load": 320,
    "init_module": 175,
    "finit_module": 313,
    "delete_module": 176,
    "open_by_handle_at": 304,
    "ioctl": 16,
    "socket": 41,
    "io_uring_setup": 425,
    "ptrace": 101,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "pidfd_getfd": 438,
    "unshare": 272,
    "clone": 56,
    "clone3": 435,
}
_I386 = {
    "chown": 212,
    "fchown": 207,
    "lchown": 198,
    "fchownat": 298,
    "chown16": 182,
    "fchown16": 95,
    "lchown16": 16,
    "keyctl": 288,
    "add_key": 286,
    "request_key": 287,
    "bpf": 357,
    "perf_event_open": 336,
    "userfaultfd": 374,
    "kexec_load": 283,
    "init_module": 128,
    "finit_module": 350,
    "delete_module": 129,
    "open_by_handle_at": 342,
    "ioctl": 54,
    "socket": 359,
    "socketcall": 102,
    "io_uring_setup": 425,
    "ptrace": 26,
    "process_vm_readv": 347,
    "process_vm_writev": 348,
    "pidfd_getfd": 438,
    "unshare": 310,
    "clone": 120,
    "clone3": 435,
}
_AARCH64 = {
    "fchown": 55,
    "fchownat": 54,
    "keyctl": 219,
    "add_key": 217,
    "request_key": 218,
    "bpf": 280,
    "perf_event_open": 241,
    "userfaultfd": 282,
    "kexec_load": 104,
    "kexec_file_load": 294,
    "init_module": 105,
    "finit_module": 273,
    "delete_module": 106,
    "open_by_handle_at": 265,
    "ioctl": 29,
    "socket": 198,
    "io_uring_setup": 425,
    "ptrace": 117,
    "process_vm_readv": 270,
    "process_vm_writev": 271,
    "pidfd_getfd": 438,
    "unshare": 97,
    "clone": 220,
    "clone3": 435,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Abi:
    audit: int
    numbers: Mapping[str, int]


#: By ``platform.machine()``: every calling convention that the kernel of that machine may accept.
_ABIS = {
    "x86_64": (_Abi(audit=0xC000003E, numbers=_X86_64), _Abi(audit=0x40000003, numbers=_I386)),
    "aarch64": (_Abi(audit=0xC00000B7, numbers=_AARCH64),),
}


def program(machine: str, *, agent: bool = False, one_user: bool = True) -> bytes | None:
    """Return the BPF program for *machine* (``platform.machine()``), or None for one that is not known here.

    :param agent: add what is denied to the agent alone: reaching into processes, and new user namespaces.
    :param one_user: whether one host user stands behind all users inside, so that changes of owner are pretended.
    """
    abis = _ABIS.get(machine)
    if abis is None:
        return None
    code = b""
    for abi in abis:
        section = _section(abi, agent, PRETENDED if one_user else ())
        code += _op(_LOAD, _OFFSET_ARCH) + _over(_EQUAL, abi.audit, section)
    # A calling convention that is not known cannot be judged.
    return code + _op(_RETURN, _ERRNO | errno.ENOSYS)


def _section(abi: _Abi, agent: bool, pretended: tuple[str, ...]) -> bytes:
    denied = DENIED + (DENIED_TO_AGENT if agent else ())
    code = _op(_LOAD, _OFFSET_NUMBER)
    if abi.numbers is _X86_64:
        code += _unless(_AT_LEAST, _X32, _op(_RETURN, _ERRNO | errno.ENOSYS))
    for names, answer in ((pretended, 0), (denied, errno.EPERM)):
        for name in names:
            if name in abi.numbers:
                code += _unless(_EQUAL, abi.numbers[name], _op(_RETURN, _ERRNO | answer))
    code += _argument(abi.numbers["ioctl"], 1, _EQUAL, (_TIOCSTI, _TIOCLINUX))
    code += _argument(abi.numbers["socket"], 0, _EQUAL, (_AF_VSOCK,))
    if "socketcall" in abi.numbers:
        # The family lies in memory, where a filter cannot look; it has a call of its own since Linux 4.3.
        code += _argument(abi.numbers["socketcall"], 0, _EQUAL, (_SOCKETCALL_SOCKET,))
    if agent:
        for name in ("unshare", "clone"):
            code += _argument(abi.numbers[name], 0, _AND_SET, (_CLONE_NEWUSER,))
        # Its flags lie in memory, where a filter cannot look; without it the C library takes clone.
        code += _unless(_EQUAL, abi.numbers["clone3"], _op(_RETURN, _ERRNO | errno.ENOSYS))
    return code + _op(_RETURN, _ALLOW)


def _argument(number: int, index: int, test: int, values: tuple[int, ...]) -> bytes:
    """Deny the call *number* where the low half of an argument passes *test* with one of *values*."""
    body = _op(_LOAD, _OFFSET_ARGUMENT + 8 * index)
    for value in values:
        body += _unless(test, value, _op(_RETURN, _ERRNO | errno.EPERM))
    return _over(_EQUAL, number, body + _op(_RETURN, _ALLOW))


def _unless(test: int, value: int, body: bytes) -> bytes:
    """Run *body* where the test holds (a short jump over it where it does not)."""
    return _op(test, value, when_false=len(body) // 8) + body


def _over(test: int, value: int, body: bytes) -> bytes:
    """As :func:`_unless`, for a body that is longer than the 255 steps of a short jump."""
    always = struct.pack("=HBBI", 0x05, 0, 0, len(body) // 8)
    return _op(test, value, when_true=1) + always + body


def _op(code: int, value: int, *, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)
