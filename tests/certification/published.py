"""A file in NIST's format, made of a problem whose answer is known in closed form."""

import numpy as np

HEADER = """NIST/ITL StRD
Dataset Name:  {name}             ({name}.dat)

File Format:   ASCII
               Starting Values   (lines 22 to {last})
               Certified Values  (lines 22 to {end})
               Data              (lines {first_row} to {last_row})

Data:          1 Response  (y = made up)
               {d} Predictor(s)
               {n} Observations
               Average Level of Difficulty
               Generated Data

Model:         Made up
               {p} Parameters

{model}

        Starting values                  Certified Values
        Start 1     Start 2           Parameter     Standard Deviation
"""


def published(name, model, columns, table, starts, values, errors, rss):
    """The text of a file; `model` is printed as it is, as a single line."""
    table = np.asarray(table)
    p, n = len(values), len(table)
    last, end = 21 + p, 21 + p + 5
    text = HEADER.format(
        name=name,
        model=model,
        d=table.shape[1] - 1,
        n=n,
        p=p,
        last=last,
        end=end,
        first_row=end + 3,
        last_row=end + 2 + n,
    )
    assert text.count("\n") == 21
    for i in range(p):
        text += f"  b{i + 1} = {starts[0][i]} {starts[1][i]} {values[i]:.10E} {errors[i]:.10E}\n"
    text += f"\nResidual Sum of Squares:   {rss:.10E}\n"
    text += f"Degrees of Freedom: {n - p}\nNumber of Observations: {n}\n\n\n"
    text += f"Data:  {columns}\n"
    return text + "\n".join(" ".join(f"{v:.17g}" for v in row) for row in table) + "\n"


def decay_of_two_inputs():
    """log(y) = b1 − b2·u·v with noise: linear in the logarithm, so lstsq certifies it.

    Returns:
        The text of the file, and (values, errors, rss).
    """
    rng = np.random.default_rng(3)
    u, v = rng.uniform(0, 4, 60), rng.uniform(0, 1, 60)
    y = np.exp(2.5 - 0.7 * u * v + 0.05 * rng.standard_normal(60))
    table = np.column_stack([y, u, v])
    matrix = np.column_stack([np.ones(60), -u * v])
    values, (rss,), *_ = np.linalg.lstsq(matrix, np.log(y), rcond=None)
    errors = np.sqrt(rss / 58 * np.diag(np.linalg.inv(matrix.T @ matrix)))
    model = "               log[y] = b1 - b2*x1*x2  +  e"
    starts = [[1.0, 1.0], [2.0, 0.5]]
    text = published("Decay", model, "y x1 x2", table, starts, values, errors, rss)
    return text, (values, errors, rss)
