"""Reads worth a name, one module a noun; every one of them fetches *with* permission."""
