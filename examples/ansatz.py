"""The lesson's ansatz, a wave in a window with a parabola outside: `python examples/ansatz.py`.

Six parameters, two of which make the curve jump, and no starting values. Writes ansatz.png and
compares the ansatz with models that know nothing.
"""

import numpy as np

import surefit as sf

TRUTH = {"A": 0.43, "B": 0.15, "C": 22.0, "D": -1.0, "E": 3.5, "F": -2.0}


def ansatz(x, A, B, C, D, E, F):  # names as on the blackboard
    """sin(Cx) where x is within B of A, a parabola elsewhere."""
    return np.where(abs(x - A) < B, np.sin(C * x), D + E * x + F * x**2)


rng = np.random.default_rng(4)
x = rng.uniform(0, 1, 1000)
y = ansatz(x, **TRUTH) + rng.normal(0, 0.03, 1000)

fit = sf.fit(x, y, ansatz, yerr=0.03)
print(fit, "\n")
chi2_of_truth = np.sum(((y - ansatz(x, **TRUTH)) / 0.03) ** 2)
print(f"chi2 of the fit {fit.chi2:.1f}, of the truth {chi2_of_truth:.1f}\n")
fit.plot().savefig("ansatz.png", dpi=150)

models = [sf.Line(), sf.Chebyshev(14), sf.Fourier(7, period=1), sf.Sigmoids(5), ansatz]
print(sf.compare(x, y, models, yerr=0.03))
