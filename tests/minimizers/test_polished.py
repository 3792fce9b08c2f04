import jax
import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.exceptions import InvalidType
from surefit.minimizers.base import Budget, Status, silent
from surefit.minimizers.closed_form import ClosedForm
from surefit.minimizers.first_order import Adam
from surefit.minimizers.minuit import Minuit
from surefit.minimizers.polished import Polished
from surefit.minimizers.quasi_newton import LBFGS
from surefit.models.linear import Line
from surefit.precision import double_precision
from surefit.problem.linear import Linear
from tests.problems import StopAfter, decay, valley


@double_precision
def minimize(problem, starts, minimizer, *, budget=None, report=silent):
    return minimizer.minimize(problem, np.array(starts), budget=budget or Budget(), report=report)


def test_a_polished_training_agrees_with_the_closed_form(rng):
    x = rng.uniform(-5, 5, 100)
    data = check_data(x, 2 * x + 3 + 3 * rng.normal(size=100), 3.0)
    problem = Linear(Line().direct().resolve(data), data)
    exact = minimize(problem, [[0.0, 0.0]], ClosedForm())
    minima = minimize(problem, [[0.0, 0.0]], Polished(Adam(epochs=30), LBFGS()))
    np.testing.assert_allclose(minima.points, exact.points, rtol=1e-7)
    assert minima.status == (Status.converged,)
    assert minima.steps[0] > 30


def test_simplex_then_migrad_follows_a_valley():
    minimizer = Polished(Minuit(method="simplex", hesse=False), LBFGS())
    minima = minimize(valley(), [[-1.2, 1.0]], minimizer)
    np.testing.assert_allclose(minima.points[0], 1.0, atol=1e-9)


def test_the_second_never_makes_it_worse():
    start = [[3.0, 1.3, 0.5], [1.0, 1.0, 0.0]]
    rough = minimize(decay(), start, LBFGS())
    minima = minimize(decay(), start, Polished(LBFGS(), Adam(epochs=3, learning_rate=5.0)))
    assert np.all(minima.value <= rough.value * (1 + 1e-10))


def test_an_interruption_of_the_first_skips_the_second():
    minimizer = Polished(Adam(), LBFGS())
    minima = minimize(decay(), [[1.0, 1.0, 0.0]], minimizer, report=StopAfter(2))
    assert minima.status == (Status.interrupted,)


def test_both_share_the_seconds():
    minimizer = Polished(Adam(), LBFGS())
    minima = minimize(decay(), [[9.0, 0.2, 3.0]], minimizer, budget=Budget(seconds=0.0))
    assert minima.status == (Status.budget_exhausted,)


def test_what_either_refuses_both_refuse():
    with jax.enable_x64(True):
        assert "use LevenbergMarquardt()" in Polished(ClosedForm(), LBFGS()).refusal(decay())
        assert "use LevenbergMarquardt()" in Polished(Adam(), ClosedForm()).refusal(decay())
        assert Polished(Adam(), LBFGS()).refusal(decay()) is None


def test_only_minimizers_can_be_polished():
    with pytest.raises(InvalidType, match="rough is 'adam', a str; pass a minimizer such as Adam"):
        Polished("adam", LBFGS())
    with pytest.raises(InvalidType, match="fine is None, a NoneType; pass a minimizer such as L"):
        Polished(Adam(), None)


def test_polished_shows_as_its_constructor():
    assert str(Polished(Adam(epochs=3), LBFGS())) == "Polished(Adam(epochs=3), LBFGS())"
    assert Polished(Adam(), LBFGS()).needs_start
    assert not Polished(ClosedForm(), LBFGS()).needs_start
