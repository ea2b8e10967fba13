"""Reads of the office（文书）, each with its permission."""
