"""The whole way to a real model, served by a real server."""
