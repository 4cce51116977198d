"""What a hostile agent tries, and what must hold afterwards, on every provider with a real kernel."""
