"""Commands of the office, one module each."""
