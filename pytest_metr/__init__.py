"""METR Task Standard task families as pytest items."""
