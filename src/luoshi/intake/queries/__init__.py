"""Reads of the intake（收文查询）; every one of them fetches with permission."""
