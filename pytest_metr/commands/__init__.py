"""The subcommands of ``pytest-metr``, one module each, with ``add_arguments(parser)`` and ``run(arguments)``.

Only the module of the command that is asked for is imported.
"""
