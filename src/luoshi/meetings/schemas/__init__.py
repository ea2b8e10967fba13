"""Inputs and answers of meetings, one module a noun."""
