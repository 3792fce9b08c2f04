"""What is concluded of the point at which a search ended."""

import numpy as np

import surefit as sf
from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import Status
from surefit.networks.gauge import no_gauge
from surefit.precision import double_precision
from surefit.problem.build import build_problem
from surefit.problem.constraints import check_constraints
from surefit.search.base import Evidence
from surefit.uncertainty.conclusion import conclude


@double_precision
def test_a_curve_of_which_nothing_is_determined_is_no_minimum_even_if_searches_agree():
    x = np.linspace(0.0, 1.0, 20)
    data = check_data(x, np.ones(20), 0.1)
    model = sf.Sigmoids(1).resolve(data)
    problem = build_problem(model, data, LeastSquares(), check_constraints(model.parameters()))
    agreed = Evidence(3, 3, 1, 3, float("nan"), True, (), ())
    # The unit has long been off at all points: no parameter changes anything.
    off = np.array([1.0, -1e6, 1.0])
    got = conclude(problem, off, Status.converged, agreed, np.zeros(3, dtype=bool), no_gauge)
    assert got.rank == 0
    assert got.status is Status.undetermined
