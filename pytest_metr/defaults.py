"""Values that both faces state as their defaults, to pytest and to the shell. Imports nothing."""

#: The image that machines of the Docker provider are made from, unless another is named.
DOCKER_BASE = "python:3.11-slim"
