"""The parts of the sandbox stage, each by itself."""
