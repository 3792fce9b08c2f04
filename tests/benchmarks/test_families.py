"""The generators of hard problems give what they promise."""

import numpy as np
import pytest

from benchmarks.families.references import from_truth
from benchmarks.families.run import FAMILIES, HELD_OUT, in_words, outcome


@pytest.mark.parametrize("family", [*FAMILIES, *HELD_OUT], ids=lambda family: family.name)
def test_samples_repeat_and_the_truth_describes_them(family):
    one, again = family.sample(7), family.sample(7)
    np.testing.assert_array_equal(one.y, again.y)
    ndof = len(one.y)
    # The truth's chi2 is chi2-distributed: within 6 standard deviations of its mean.
    assert abs(one.chi2(one.truth) - ndof) < 6 * np.sqrt(2 * ndof)
    assert from_truth(one) <= one.chi2(one.truth)
    assert not np.array_equal(family.sample(8).y[:10], one.y[:10])


def test_names_of_families_differ():
    names = [family.name for family in (*FAMILIES, *HELD_OUT)]
    assert len(set(names)) == len(names)


def test_a_fit_is_counted_as_what_it_is():
    family = next(family for family in FAMILIES if family.name == "Michaelis-Menten")
    found = outcome(family, 3)
    assert found.is_success
    assert found.is_valid
    assert (
        in_words([found])
        == "as good as from the truth 1/1, valid 1/1, valid but worse 0 of 1 (below 95 % at 95 %)"
    )
