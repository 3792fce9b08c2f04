"""What fits say of a miss is compared with what much longer searches find."""

import numpy as np
import pytest

from benchmarks.families.run import FAMILIES, HELD_OUT
from benchmarks.longer import EFFORT, SEEDS, Pair, compare, counted, excess, fitting, pair

BY_NAME = {family.name: family for family in (*FAMILIES, *HELD_OUT)}
# Fits of these take a few hundredths of a second.
QUICK = ("Gompertz", "Hill", "Fano resonance", "Breit-Wigner over background", "sine", "chirp",
         "decay chain", "Morse potential")  # fmt: skip


def test_a_longer_search_is_longer_and_the_first_is_judged_by_it():
    found = pair("Hill", fitting(BY_NAME["Hill"].sample(200)), factor=5.0)
    assert found.factor >= 5
    assert found.gain >= -1e-6
    assert found.is_valid
    assert not found.is_missed
    assert 0 < found.stated < 0.05


def test_evaluations_are_counted_as_rows_times_terms():
    fit = fitting(BY_NAME["Hill"].sample(200))
    with counted() as total:
        fit(1, EFFORT)
        once = total[0]
        fit(1, EFFORT)
    assert once > 0
    assert total[0] == pytest.approx(2 * once, rel=0.05)


def test_a_table_counts_what_was_stated_and_what_was_missed():
    pairs = [Pair("a", 0.05, True, gain, 100.0) for gain in (0.0, 0.5, 2.0)]
    pairs.append(Pair("grown", float("nan"), True, 3.0, 100.0))
    assert "| 0.03 to 0.1 | 3 | 0.15 | 1 | 86 % |" in compare(pairs)
    one = excess(pairs[:3])
    assert one == pytest.approx((1 - 0.15) / np.sqrt(3 * 0.05 * 0.95))


@pytest.mark.slow
def test_misses_are_as_frequent_as_stated():
    pairs = [
        pair(f"{name} {seed}", fitting(BY_NAME[name].sample(seed)))
        for name in QUICK
        for seed in SEEDS
    ]
    # Of misses as rare as these, only more than stated can show: three standard deviations, and
    # one miss, whose probability may be small in each search and is not in all.
    stated = sum(one.stated for one in pairs)
    missed = sum(one.is_missed for one in pairs)
    assert missed <= stated + 3 * np.sqrt(stated) + 1
    assert all(one.factor >= 100 or one.is_missed for one in pairs)
