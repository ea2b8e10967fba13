"""What a report and the province's row cost in the full world against the small one."""

from __future__ import annotations

from bench import harness


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """CPU of process and database backend, for each."""
    return [
        harness.same_cpu(
            "cpu_of_a_report",
            "CPU of a report by POST at 164,950 commitments against 1,650",
            "bench.report_act:report_step",
            url,
            small_url,
            steps=80,
        ),
        harness.same_cpu(
            "cpu_of_the_row",
            "CPU of the province's row by GET at 164,950 commitments against 1,650",
            "bench.report_act:row_step",
            url,
            small_url,
            steps=400,
        ),
    ]
