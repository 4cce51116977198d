"""The layer that talks to models."""
