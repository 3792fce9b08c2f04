"""Searches that calibrate the probability of a miss are weaker than normal ones, and counted."""

from benchmarks.calibrate import NUMBERS, SEARCHES, collect, compare, weakened
from benchmarks.families.run import FAMILIES


def test_a_weakened_search_has_fewer_candidates_only_inside():
    before = [getattr(module, name) for module, name in NUMBERS]
    with weakened(2):
        inside = [getattr(module, name) for module, name in NUMBERS]
    assert all(1 <= fewer < normal for fewer, normal in zip(inside, before, strict=True))
    assert [getattr(module, name) for module, name in NUMBERS] == before


def test_searches_are_collected_and_compared():
    family = next(family for family in FAMILIES if family.name == "two exponentials")
    cases = collect((family,), range(40, 42))
    assert len(cases) == 2 * len(SEARCHES)
    assert not all(case.is_missed for case in cases)
    assert f"{sum(case.is_missed for case in cases)} seen." in compare(cases)
