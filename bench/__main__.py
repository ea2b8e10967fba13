"""``make bench``: every measurement in a process of its own, results in ``bench/results``."""

from __future__ import annotations

import subprocess
import sys

CODE = "from bench import harness, report_act; harness.write(report_act.measure({durable}), '{file}')"
RUNS = (
    CODE.format(durable=True, file="report_act_durable.json"),
    CODE.format(durable=False, file="report_act_no_disk_wait.json"),
)


def main() -> int:
    """Run all; the exit code says whether every limit was met or a measurement broke."""
    return max(subprocess.run([sys.executable, "-c", code], check=False).returncode for code in RUNS)


if __name__ == "__main__":
    sys.exit(main())
