"""Measured against floors in the same run; figures are ratios, results are JSON in ``bench/results``."""
