"""What every provider of sandboxes has to do. A new one is added to ``providers.py`` and nothing else."""
