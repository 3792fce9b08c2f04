"""The structure of functions that physicists write, and that it depends on nothing else."""

import collections

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import surefit as sf
from surefit.data.scales import Scales
from surefit.models.structures import known
from surefit.models.structures.record import Role
from tests.models.structures import problems
from tests.models.structures.problems import PROBLEMS, Problem

LETTERS = {
    Role.linear: "l",
    Role.smooth: "s",
    Role.kink: "k",
    Role.broken: "b",
    Role.step: "p",
    Role.idle: "i",
}


def found(problem: Problem) -> sf.Structure:
    return sf.structure(problem.function, problem.x, n_parameters=problem.n)


def roles(structure: sf.Structure) -> str:
    return "".join(LETTERS[role] for role in structure.roles)


def change(names, symmetry) -> str:
    return " ".join(
        [names[i] for i in symmetry.flipped]
        + [f"{names[i]}+" for i, _ in symmetry.shifted]
        + [f"{names[i]}^" for i, _ in symmetry.added]
    )


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_structure_is_right_on_every_problem(problem):
    structure = found(problem)
    names, symmetries = structure.names, structure.symmetries
    assert roles(structure) == problem.roles
    families = [
        " | ".join(" ".join(names[i] for i in block) for block in family)
        for family in symmetries.families
    ]
    assert tuple(families) == problem.families
    assert {change(names, flip) for flip in symmetries.flips} == set(problem.flips)
    periods = {names[i]: period for i, period in symmetries.periods}
    assert periods == pytest.approx(problem.periods)
    assert len(symmetries.mixed) == problem.mixed
    assert structure.is_pointwise == problem.is_pointwise
    assert structure.reason == ""


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_symmetries_leave_the_function_as_it_is_elsewhere(problem):
    structure, rng = found(problem), np.random.default_rng(5)
    model = sf.Function(problem.function, problem.n)
    size = max(np.abs(problem.x).max(), 1e-300)
    for scale in (1.0, size, 1 / size):
        values = scale * rng.uniform(0.5, 1.5, len(structure.names))
        before = model.call(values, problem.x)
        if not np.isfinite(before).all():
            continue
        for symmetry in structure.symmetries.generators:
            after = model.call(symmetry.apply(values), problem.x)
            np.testing.assert_allclose(after, before, rtol=1e-8, atol=1e-9 * np.abs(before).max())


@pytest.mark.parametrize(
    "problem", [p for p in PROBLEMS if "k" not in p.roles and "b" not in p.roles], ids=str
)
def test_few_calls_are_needed(problem, monkeypatch):
    monkeypatch.setattr(
        known, "_KNOWN", collections.OrderedDict()
    )  # not those of a function that is known already
    structure = found(problem)
    extreme = np.abs(problem.x).max() > 1e6 or np.abs(problem.x).max() < 1e-6
    bends = problem.function is problems.soft_start  # looked at closely before it counts as smooth
    assert structure.n_calls <= (120 if extreme or bends else 75) * len(structure.names)


MOVED = [problems.smooth_six, problems.three_decays, problems.sine, problems.common_width]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    function=st.sampled_from(MOVED),
    exponent=st.integers(-9, 14),
    shift=st.floats(-0.5, 3),
    n=st.integers(8, 60),
)
def test_what_is_linear_does_not_depend_on_scale_and_shift_of_x(function, exponent, shift, n):
    x = 10.0**exponent * (np.linspace(0, 1, n) + shift)
    expected = sf.structure(function, np.linspace(0, 1, 50)).linear
    assert sf.structure(function, x).linear == expected


@settings(max_examples=15, deadline=None, derandomize=True)
@given(order=st.permutations(range(7)))
def test_the_order_of_arguments_does_not_matter(order):
    def model(x, p):
        A1, m1, w1, A2, m2, w2, c = (p[order[i]] for i in range(7))
        return A1 * np.exp(-(((x - m1) / w1) ** 2)) + A2 * np.exp(-(((x - m2) / w2) ** 2)) + c

    structure = sf.structure(model, np.linspace(0, 10, 80), n_parameters=7)
    assert [roles(structure)[order[i]] for i in range(7)] == list("lsslssl")
    (family,) = structure.symmetries.families
    blocks = {tuple(sorted(order[i] for i in range(3 * k, 3 * k + 3))) for k in range(2)}
    assert {tuple(sorted(block)) for block in family} == blocks


def test_terms_that_are_almost_the_same_are_not_interchangeable():
    def almost(x, A1, t1, A2, t2):
        return A1 * np.exp(-x / t1) + A2 * np.exp(-1.0000001 * x / t2)

    def signed(x, a, w):
        return a * np.sin(w * x) + 1e-6 * a

    def wide(x, phase, a):
        return a * np.cos(1.0000001 * phase + x)

    x = np.linspace(0, 3, 40)
    for function in (almost, signed, wide):
        symmetries = sf.structure(function, x).symmetries
        assert [one for one in symmetries.generators if len(one.flipped) != 1] == []


def test_a_function_of_whole_numbers_has_no_period_in_its_frequency():
    def tone(t, a, w):
        return a * np.cos(w * t)

    assert sf.structure(tone, np.arange(50.0)).symmetries.periods == ()

    def summed(t, a, w):
        return a * np.cumsum(np.cos(w * t))

    assert sf.structure(summed, np.arange(50.0)).symmetries.periods == ()


def test_a_product_counts_one_factor_as_linear():
    structure = sf.structure(problems.product, np.linspace(0.1, 2, 30))
    assert structure.linear == (True, False, True)


def test_numerical_derivatives_are_announced_with_their_reason():
    def foreign(x, a, b):
        return float(repr(float(a))) * x + b

    structure = sf.structure(foreign, np.linspace(0, 1, 20))
    assert structure.linear == (True, True)
    assert structure.reason
    assert "Derivatives are numerical" in str(structure)


def test_a_kink_is_found_without_tracing():
    def foreign(x, a, b, knot):
        return a + b * np.maximum(x - float(repr(float(knot))), 0.0)

    structure = sf.structure(foreign, np.linspace(0, 1, 40))
    assert roles(structure) == "llk"
    assert structure.reason


def test_a_known_function_is_only_checked_on_new_data():
    def decay(x, a, rate):
        return a * np.exp(-rate * x)

    first = sf.structure(decay, np.linspace(0.1, 0.99, 50))
    again = sf.structure(decay, np.linspace(0.12, 0.97, 35))
    assert again == first
    assert again.n_calls < first.n_calls / 3


def test_where_data_that_begin_near_zero_begin_does_not_make_a_function_unknown():
    def decay(x, a, rate, floor):
        return a * np.exp(-rate * x) + floor

    first = sf.structure(decay, np.linspace(1e-6, 0.99, 50))
    again = sf.structure(decay, np.linspace(0.02, 0.97, 35))
    assert again == first
    assert again.n_calls < first.n_calls / 3


def test_what_is_known_is_found_anew_where_it_no_longer_holds():
    def late(x, a, b):
        return np.where(x < 0.95, a * x, b)

    assert roles(sf.structure(late, np.linspace(0, 0.9, 50))) == "li"
    assert roles(sf.structure(late, np.linspace(0, 0.99, 50))) == "ll"


def test_labels_among_the_inputs_are_kept():
    def by_group(x, a, b):
        return np.where(x[:, 1] == 1, a, b) * x[:, 0]

    x = np.column_stack([np.linspace(1, 2, 60), np.arange(60) % 2])
    assert roles(sf.structure(by_group, x)) == "ll"


@pytest.mark.parametrize("seed", range(12))
def test_what_a_window_hides_at_first_is_looked_for_until_it_shows(seed):
    # Between the edges a decay that is mostly nothing beside what is outside.
    def window(x, a, b, left, middle, right, rate):
        return np.where(x < a, left, np.where(x < b, middle * np.exp(-rate * (x - a)), right))

    rng = np.random.default_rng([23, seed])
    low = rng.uniform(-200, 200)
    extent, height = np.exp(rng.uniform(0, 6)), np.exp(rng.uniform(-3, 9))
    x = np.sort(rng.uniform(low, low + extent, 200))
    scales = Scales((x[0],), (x[-1],), (extent / 200,), -height, height)
    roles = sf.Function(window).structure(x, scales).roles
    assert roles == (Role.broken, Role.step, Role.linear, Role.linear, Role.linear, Role.smooth)
