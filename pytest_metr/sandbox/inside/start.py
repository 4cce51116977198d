# pathlib takes longer to import than all that is imported here.
# ruff: noqa: PTH120
"""Entry point: ``start.py ROLE ARGUMENT...`` for the roles ``warden``, ``root``, ``agent``,
``container`` and ``forward``.

It lies at the top of a folder that holds ``pytest_metr/sandbox/inside`` and what that shares with the host.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

if __name__ == "__main__":
    role, arguments = sys.argv[1], sys.argv[2:]
    if role == "warden":
        from pytest_metr.sandbox.inside.warden import main
    elif role == "container":
        from pytest_metr.sandbox.inside.container import main
    elif role == "forward":
        from pytest_metr.sandbox.inside.forwarder import main
    else:
        from pytest_metr.sandbox.inside.supervisor import main
    main(role, arguments)
