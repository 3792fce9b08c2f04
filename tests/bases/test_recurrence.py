import decimal
from fractions import Fraction

import numpy as np
import pytest

from surefit.bases.families import (
    chebyshev_recurrence,
    hermite_recurrence,
    jacobi_recurrence,
    laguerre_recurrence,
    power_recurrence,
)
from surefit.bases.recurrence import Affine, Recurrence, change_of_basis

SAME = Affine(Fraction(1), Fraction(0))


@pytest.mark.parametrize(
    ("family", "to_powers"),
    [
        (chebyshev_recurrence, np.polynomial.chebyshev.cheb2poly),
        (lambda degree: jacobi_recurrence(degree, 0.0, 0.0), np.polynomial.legendre.leg2poly),
        (laguerre_recurrence, np.polynomial.laguerre.lag2poly),
        (hermite_recurrence, np.polynomial.hermite.herm2poly),
    ],
    ids=["Chebyshev", "Legendre", "Laguerre", "Hermite"],
)
def test_changing_to_powers_agrees_with_numpy(family, to_powers):
    matrix = change_of_basis(family(8), power_recurrence(8), SAME).astype(float)
    for k in range(9):
        expected = np.zeros(9)
        expected[: k + 1] = to_powers(np.eye(9)[k])
        assert np.allclose(matrix[:, k], expected, rtol=1e-13, atol=1e-13)


def test_powers_of_a_shifted_argument_are_binomial():
    argument = Affine(Fraction(2), Fraction(-3))
    matrix = change_of_basis(power_recurrence(3), power_recurrence(3), argument).astype(float)
    assert matrix[:, 3].tolist() == [-27, 54, -36, 8]  # (2u - 3)³


def test_there_and_back_is_the_identity_at_degree_60_to_every_digit():
    argument = Affine(Fraction(3, 7), Fraction(10**6))
    back = SAME.after_inverse(argument)
    there = change_of_basis(hermite_recurrence(60), power_recurrence(60), argument)
    home = change_of_basis(power_recurrence(60), hermite_recurrence(60), back)
    with decimal.localcontext(decimal.Context(prec=2000)):
        product = (there @ home).astype(float)
    assert np.max(np.abs(product - np.eye(61))) < 1e-20


def test_entries_are_exact_to_64_bits_against_fractions():
    generator = np.random.default_rng(3)
    source = Recurrence(*(tuple(generator.uniform(0.2, 3, 12).tolist()) for _ in range(3)))
    argument = Affine(Fraction(1.7), Fraction(-40.3))
    rows = [[Fraction(1)]]
    for k, (slope, shift, previous) in enumerate(zip(*source.coefficients, strict=True)):
        slope, shift, previous = Fraction(slope), Fraction(shift), Fraction(previous)
        row = [Fraction(0)] * (k + 2)
        for power, value in enumerate(rows[k]):
            row[power + 1] += slope * argument.scale * value
            row[power] += (slope * argument.offset + shift) * value
        for power, value in enumerate(rows[k - 1] if k else []):
            row[power] -= previous * value
        rows.append(row)
    matrix = change_of_basis(source, power_recurrence(12), argument).astype(float)
    for k, row in enumerate(rows):
        assert matrix[: k + 1, k].tolist() == [float(value) for value in row]


def test_maps_of_x_compose():
    first, second = Affine(Fraction(2), Fraction(1)), Affine(Fraction(-4), Fraction(3))
    x = Fraction(7, 5)
    of_second = first.after_inverse(second)
    assert of_second.scale * (second.scale * x + second.offset) + of_second.offset == 2 * x + 1


def test_the_users_decimal_settings_do_not_matter():
    expected = change_of_basis(laguerre_recurrence(5), power_recurrence(5), SAME)
    strict = decimal.Context(prec=3, Emax=5, Emin=-5, traps=[decimal.Inexact])
    with decimal.localcontext(strict):
        matrix = change_of_basis(laguerre_recurrence(5), power_recurrence(5), SAME)
    assert (matrix == expected).all()
