"""What runs outside the test process: the warden on the host, the supervisors inside a sandbox.

These files are copied to where a sandbox can read them and run with the bare interpreter (``-I -S``), so
they import only each other and the cheap part of the standard library.
"""
