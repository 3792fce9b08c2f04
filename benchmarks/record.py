"""What was measured, on what, and how it is written down."""

import dataclasses
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.timing import Timing

OURS = "surefit"
PACKAGES = ("surefit", "jax", "numpy", "scipy", "iminuit", "lmfit", "scikit-learn", "nlsq")


@dataclasses.dataclass(frozen=True)
class Row:
    """One tool on one case.

    Attributes:
        group: Which part of the benchmark.
        case: What was done.
        tool: What did it.
        wall: Median seconds on the clock; None where it was not measured.
        cpu: Median CPU seconds.
        ratio: Our CPU time over this tool's; None for ours.
        outcome: What came out (success, chi2), in a few words.
        note: What to know about the number.
    """

    group: str
    case: str
    tool: str
    wall: float | None = None
    cpu: float | None = None
    ratio: float | None = None
    outcome: str = ""
    note: str = ""


def rows_of(
    group: str,
    case: str,
    timings: Mapping[str, Timing],
    outcomes: Mapping[str, str],
    notes: Mapping[str, str] | None = None,
) -> list[Row]:
    """One row for each tool, with the ratio to ours."""
    ours = timings.get(OURS)
    return [
        Row(
            group,
            case,
            tool,
            timing.wall,
            timing.cpu,
            None if ours is None or tool == OURS else ours.cpu / max(timing.cpu, 1e-9),
            outcomes.get(tool, ""),
            (notes or {}).get(tool, ""),
        )
        for tool, timing in timings.items()
    ]


def environment() -> dict[str, str]:
    """Versions and machine, without names or paths."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return {
        **versions,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": str(os.cpu_count()),
        "load when it began": f"{load:.1f}",
    }


def write(folder: Path, rows: Sequence[Row], about: Mapping[str, str]) -> None:
    """Write benchmarks.json and benchmarks.md."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"environment": dict(about), "rows": [dataclasses.asdict(row) for row in rows]}
    (folder / "benchmarks.json").write_text(json.dumps(document, indent=1) + "\n")
    (folder / "benchmarks.md").write_text(markdown(rows, about))


def markdown(rows: Sequence[Row], about: Mapping[str, str]) -> str:
    """The table, one section for each group."""
    lines = ["# Benchmarks", ""]
    lines += [", ".join(f"{name} {value}" for name, value in about.items()) + ".", ""]
    lines += [
        "Medians of runs in turns. *Ours/theirs* is the ratio of CPU times: below 1 we are faster.",
    ]
    for group in dict.fromkeys(row.group for row in rows):
        lines += ["", f"## {group}", ""]
        lines += ["| case | tool | wall | CPU | ours/theirs | outcome | note |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [_line(row) for row in rows if row.group == group]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    ratio = "" if row.ratio is None else f"{row.ratio:.2g}"
    cells = (
        row.case, row.tool, seconds(row.wall), seconds(row.cpu), ratio, row.outcome, row.note
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def seconds(value: float | None) -> str:
    """Seconds in a readable unit.

    Example:
        >>> seconds(0.00123), seconds(2.5), seconds(None)
        ('1.2 ms', '2.5 s', '')
    """
    if value is None:
        return ""
    if value < 1e-3:
        return f"{1e6 * value:.0f} µs"
    return (
        f"{1e3 * value:.2g} ms"
        if value < 0.0995
        else (f"{1e3 * value:.0f} ms" if value < 1 else f"{value:.2g} s")
    )
