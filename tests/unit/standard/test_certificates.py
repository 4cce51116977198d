"""Certificates that are trusted while a family is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.sandbox.fake import FakeProvider
from pytest_metr.standard import trusted
from pytest_metr.types import Resources


def test_they_are_inside_as_long_as_they_are_needed(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(b"certificates")
    with (
        FakeProvider() as provider,
        provider.create(
            provider.snapshot("x", lambda _: None), internet=False, resources=Resources(), label="x"
        ) as box,
    ):
        with trusted(box, bundle) as variables:
            (path,) = set(variables.values())
            assert {"PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"} <= variables.keys()
            assert box.read_file(path) == b"certificates"
        with pytest.raises(FileNotFoundError):
            box.read_file(path)
        with trusted(box, None) as variables:
            assert variables == {}


def test_a_file_that_is_gone_is_an_error_of_the_build(tmp_path: Path) -> None:
    with (
        FakeProvider() as provider,
        provider.create(
            provider.snapshot("x", lambda _: None), internet=False, resources=Resources(), label="x"
        ) as box,
        pytest.raises(TaskError, match="cannot be read") as caught,
        trusted(box, tmp_path / "nothing"),
    ):
        pytest.fail("there is nothing to trust")
    assert caught.value.cause == "task_build"
