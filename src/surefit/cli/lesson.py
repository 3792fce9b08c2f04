"""`surefit lesson`: the course's first lesson. What is slow to import is imported when needed."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

_OUT = "Folder for report.html, lesson.json and figures/; it is created if needed."


def lesson(
    *,
    out: Annotated[Path, Parameter(metavar="DIR", help=_OUT)] = Path("lesson-report"),
    seed: int = 1,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> int:
    """Run the course's first lesson, attempt by attempt, and write a report to learn from.

    It draws the lesson's sample, fits it with everything from a straight line to a neural network,
    beside what the lesson itself did, and makes some experiments. The exit code is 0 if it ran to
    the end, and 2 for bad use, such as a folder that cannot be written.

    Args:
        out: Folder for the files.
        seed: Seed of the sample and of all else; the same seed gives the same result.
        as_json: Print one JSON document and nothing else.

    Returns:
        The exit code.
    """
    from surefit.cli.lesson_files import check_seed, conclude, prepare, progress
    from surefit.lesson.run import Counts, run_lesson

    prepare(out)
    with progress() as report:
        result = run_lesson(check_seed(seed), Counts(), report)
        return conclude(result, out, report, as_json=as_json)
