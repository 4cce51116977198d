"""The files that are copied into a sandbox. They import nothing of this package and run on Python 3.8 and newer."""
