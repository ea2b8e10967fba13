"""Reads of the desk: what waits for a seat, the board, what may be seen of the ledger."""
