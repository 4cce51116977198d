"""Asks a gateway as a program in the sandbox would, by its variables alone."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def ask(
    environment: Mapping[str, str],
    method: str,
    path: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """Return the status of an answer and its JSON.

    :param body: bytes go as they are, all else as JSON.
    :param headers: in the place of the run's token.
    """
    status, _, data = ask_raw(environment, method, path, body, headers=headers)
    return status, json.loads(data)


def ask_raw(
    environment: Mapping[str, str],
    method: str,
    path: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, str, bytes]:
    """Return the status of an answer, its content type and its body."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = {"Authorization": f"Bearer {environment['METR_TOKEN']}"} if headers is None else dict(headers)
    connection = http.client.HTTPConnection(urlsplit(environment["METR_URL"]).netloc, timeout=60)
    try:
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    finally:
        connection.close()
