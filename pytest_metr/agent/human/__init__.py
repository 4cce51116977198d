"""A person as the agent: a shell in the sandbox, a clock that can be paused, and a recording."""
