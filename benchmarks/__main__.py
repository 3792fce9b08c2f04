"""One command: measure, and write benchmarks.json and benchmarks.md."""

import argparse
import sys
import time
from pathlib import Path

from benchmarks import ansatz, coverage, fresh, grown, linear, many, network, scaling, start_free
from benchmarks.certified import run as certified
from benchmarks.families import run as families
from benchmarks.record import Row, environment, markdown, write

GROUPS = {
    "grown": grown.measure,
    "ansatz": ansatz.measure,
    "certified": certified.measure,
    "families": families.measure,
    "coverage": coverage.measure,
    "start_free": start_free.measure,
    "fresh": fresh.measure,
    "network": network.measure,
    "scaling": scaling.measure,
    "linear": linear.measure,
    "many": many.measure,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen groups.

    Args:
        arguments: Those of the command line.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions, small sizes")
    parser.add_argument("--only", action="append", choices=GROUPS, help="one group; repeatable")
    parser.add_argument("--out", type=Path, default=Path("benchmark_results"), help="folder")
    options = parser.parse_args(arguments)
    about, rows = environment(), list[Row]()
    for name in options.only or GROUPS:
        begin = time.perf_counter()
        rows += GROUPS[name](options.quick)
        write(options.out, rows, about)
        print(f"{name}: {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    print(markdown(rows, about))
    return 0


if __name__ == "__main__":
    sys.exit(main())
