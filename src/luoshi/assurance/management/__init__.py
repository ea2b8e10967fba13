"""Commands of assurance."""
