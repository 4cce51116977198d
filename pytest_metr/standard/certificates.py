"""Certificates of a closed network, trusted while a family is installed and gone before its state is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pytest_metr.errors import TaskError
from pytest_metr.interfaces import Sandbox

_PATH = "/root/.metr-build-ca.pem"
#: By which pip, OpenSSL, requests, curl, git and Node take other certificates than their own.
_VARIABLES = (
    "PIP_CERT",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
)


@contextmanager
def trusted(sandbox: Sandbox, bundle: Path | None) -> Iterator[Mapping[str, str]]:
    """Have *bundle* inside as long as the ``with`` block lasts; yield the environment that makes programs trust it.

    Nothing is done where it is None.

    :param bundle: certificates in PEM form; most programs trust them alone then, so all that are needed are in it.
    :raises TaskError: with the cause ``task_build`` where the file cannot be read.
    """
    if bundle is None:
        yield {}
        return
    try:
        data = bundle.read_bytes()
    except OSError as error:
        raise TaskError(f"the certificates in {bundle} cannot be read: {error}", cause="task_build") from error
    sandbox.write_file(_PATH, data, user="root", mode=0o644)
    yield dict.fromkeys(_VARIABLES, _PATH)
    removed = sandbox.exec(["rm", "-f", _PATH], user="root", timeout=60)
    if not removed.ok:
        raise TaskError(f"the certificates could not be removed: {removed.err.strip()[:500]}", cause="task_build")
