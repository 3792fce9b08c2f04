"""Where a function bends, descents jam: free the best of a round, so that rounds can agree."""

import numpy as np

from surefit.minimizers.kinks import polish_kinked
from surefit.search.run import Run


def freed(run: Run, since: int) -> None:
    """Polish the best of the latest minima across kinks, in place: it is where its start ended.

    Args:
        run: The search.
        since: Number of the first batch of minima that counts as latest.
    """
    batches = [minima for minima in run.found[since:] if len(minima.value)]
    if not batches:
        return
    best = min(batches, key=lambda minima: float(minima.value.min()))
    row = best.best
    if not np.isfinite(best.value[row]):
        return
    polished, _ = polish_kinked(run.problem, best.points[row])
    if polished.value < best.value[row]:
        best.points[row], best.value[row] = polished.point, polished.value
