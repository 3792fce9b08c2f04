"""How many sigmoids the lesson's data support as their number grows.

`python -m benchmarks.ladder.support` climbs sums of sigmoids on samples of the lesson's function
and prints the first that is adequate, with χ² and the p-value that nothing larger is better.
"""

import argparse
import time

import numpy as np

from surefit.data.checked import check_data
from surefit.lesson.sample import draw_sample
from surefit.selection.adequacy import examiner
from surefit.selection.climbs import Climbs
from surefit.selection.directions import directions, gathered
from surefit.selection.ladder import LEVEL

POINTS = (50, 200, 1000, 5000, 20_000, 100_000)


def supported(n_points: int, seed: int, most: int = 40) -> tuple[int, float, float]:
    """The number of sigmoids, their χ² and the p-value."""
    from surefit.bases.sigmoids import Sigmoids

    sample = draw_sample(np.random.default_rng(seed), n_points)
    data, rng = check_data(sample.x, sample.y, sample.yerr), np.random.default_rng(seed)
    cells = gathered(data)
    judge = examiner(cells, directions(cells, rng), n_points, True, rng)
    climbs = Climbs(data, cells, rng)
    for n in range(1, most + 1):
        rung = climbs.rung("sigmoids", Sigmoids(n), 0)
        found = rung.make()
        adequacy = judge.examine(found.residuals, found.deviance, found.tangent, rung.spent)
        if adequacy.pvalue >= LEVEL:
            return n, found.deviance, adequacy.pvalue
    return most, found.deviance, adequacy.pvalue


def main() -> None:
    """Print a line for each number of points and sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="*", default=POINTS)
    parser.add_argument("--samples", type=int, default=3)
    options = parser.parse_args()
    for n_points in options.points:
        for seed in range(1, options.samples + 1):
            begin = time.process_time()
            n, chi2, pvalue = supported(n_points, seed)
            seconds = time.process_time() - begin
            print(
                f"N={n_points:6d} sample {seed}: {n:2d} sigmoids, chi2/ndof {chi2:.1f}/"
                f"{n_points - 3 * n}, p {pvalue:.2f}, {seconds:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
