"""Sandboxes made of containers: the whole Task Standard, by an engine that speaks Docker's API."""

from pytest_metr.sandbox.docker.provider import DockerProvider

__all__ = ["DockerProvider"]
