"""The certification table, for people and as a document."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from surefit.certification.certify import STARTS, Attempt, Certification


def certification_table(results: Sequence[Certification]) -> Table:
    """One row a problem: digits of values / errors / residual sum of squares from each start."""
    table = Table(title="Digits that agree with NIST's: values / errors / sum of squares")
    table.add_column("problem")
    table.add_column("level")
    table.add_column("par.", justify="right")
    for start in STARTS:
        table.add_column(start, justify="right")
    table.add_column("time", justify="right")
    for result in results:
        cells = [_cell(result, attempt) for attempt in result.attempts]
        seconds = sum(attempt.seconds for attempt in result.attempts)
        row = (result.name, result.level, str(result.n_parameters), *cells, f"{seconds:.2f} s")
        table.add_row(*row, style=None if result.is_passed else "bold")
    return table


def verdict(results: Sequence[Certification]) -> list[str]:
    """What the table says, in sentences: what was missed, and what was claimed falsely."""
    sentences = []
    for number, start in enumerate(STARTS):
        passed = sum(result.is_certified(result.attempts[number]) for result in results)
        sentences.append(f"{passed} of {len(results)} problems certified from {start}.")
    false = [
        f"{result.name} ({attempt.start})"
        for result in results
        for attempt in result.attempts
        if result.is_false(attempt)
    ]
    if false:
        sentences.append(f"Called valid, but not at the certified minimum: {', '.join(false)}.")
    else:
        sentences.append("No fit that missed the certified minimum was called valid.")
    sentences += [
        f"{result.name} from {attempt.start}: {attempt.status}."
        for result in results
        for attempt in result.attempts
        if not result.is_certified(attempt)
    ]
    return sentences


def certification_document(results: Sequence[Certification]) -> dict[str, Any]:
    """All figures as plain dictionaries, lists, strings and numbers."""
    return {
        "problems": [
            {
                **{k: v for k, v in dataclasses.asdict(result).items() if k != "attempts"},
                "passed": result.is_passed,
                "attempts": [
                    {**dataclasses.asdict(attempt), "certified": result.is_certified(attempt)}
                    for attempt in result.attempts
                ],
            }
            for result in results
        ],
        "passed": all(result.is_passed for result in results),
        "verdict": verdict(results),
    }


def _cell(result: Certification, attempt: Attempt) -> str:
    if math.isnan(attempt.values):
        return "failed"
    digits = f"{attempt.values:.1f} / {attempt.errors:.1f} / {attempt.rss:.1f}"
    mark = "" if result.is_certified(attempt) else " missed"
    return digits + mark + (", says valid" if result.is_false(attempt) else "")
