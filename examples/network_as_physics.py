"""A network as a physics result: an efficiency in two variables, with its band.

A trigger's efficiency depends on energy and angle in a way that nobody has a formula for. A small
network describes it; what we quote is not its weights but the efficiency at a point, with an error,
and a chi2 that says whether the description is good enough. So we do not mind if the status says
that the data do not determine every weight. `python examples/network_as_physics.py`
"""

import numpy as np

import surefit as sf


def true_efficiency(energy, cosine):
    """What nature does, and we pretend not to know."""
    threshold = 20 + 25 * (1 - cosine) ** 2
    return 0.95 / (1 + np.exp(-(energy - threshold) / 4))


rng = np.random.default_rng(1)
energy, cosine = rng.uniform(5, 80, 800), rng.uniform(0, 1, 800)
error = np.full(800, 0.02)
efficiency = true_efficiency(energy, cosine) + rng.normal(0, error)
x = np.column_stack([energy, cosine])

for hidden in range(1, 7):
    fit = sf.fit(x, efficiency, sf.Dense(hidden), yerr=error)
    print(f"{fit.model}: chi2/ndof = {fit.chi2:.1f}/{fit.ndof}, p = {fit.pvalue:.2g}", end="")
    print(f", {fit.status.name}")
    if fit.pvalue > 0.05:  # the smallest network that describes the points
        break

points = np.array([[15.0, 0.5], [30.0, 0.5], [60.0, 0.5]])
lower, upper = fit.band(points)
for point, value, low, high in zip(points, fit.predict(points), lower, upper, strict=True):
    truth = true_efficiency(*point)
    print(
        f"efficiency at {point[0]:.0f} GeV, cos = {point[1]}: "
        f"{value:.4f} ± {(high - low) / 2:.4f} (truth {truth:.4f})"
    )
