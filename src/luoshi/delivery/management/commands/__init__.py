"""`luoshi act` and `luoshi rebuild`."""
