"""Commands of meetings, one a module."""
