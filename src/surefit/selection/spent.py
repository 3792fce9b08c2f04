"""Effective degrees of freedom of models that are searched.

A parameter that is solved spends one degree of freedom. One that is searched takes more out of the
noise: the place of a break is chosen among all places. How much depends on the truth (Ye 1998, J.
Am. Stat. Assoc. 93, 120): little more than its parameters where every unit or break is plainly
needed, about twice as much where it has nothing to describe. On the ladder a model stands for the
hypothesis that it is true and no part of it idle, so the former counts.

`python -m benchmarks.ladder.freedom` measures it: covariance of prediction and noise, over toys.
"""

# Beyond its one parameter, a break of a staircase whose steps are 2 σ high, 50 points: 4.3 ± 0.6
# degrees of freedom for one break and 10.1 ± 0.8 for three, of 3 and 7 parameters. At 4 σ it is
# known to the gap and spends nothing; where there is no step it spends 3.
BREAK = 1.0
# Beyond the parameters, a sigmoid of a sum that is fitted to the lesson's function: of Dense(1) to
# Dense(4), with 4, 7, 10 and 13 parameters, on 50 points 3.6, 6.3, 10.7 and 14.5 (± 0.4 to 0.9).
UNIT = 0.0


def spent_by_breaks(n_parameters: int, n_breaks: int) -> float:
    """Of constant or straight pieces.

    Args:
        n_parameters: Of the model, with one for each break.
        n_breaks: Number of breaks.

    Example:
        >>> spent_by_breaks(3, 1)
        4.0
    """
    return n_parameters + BREAK * n_breaks


def spent_by_units(n_parameters: int, n_units: int) -> float:
    """Of sums of sigmoids and of networks, all of whose units are needed.

    Args:
        n_parameters: Of the model.
        n_units: Number of units.

    Example:
        >>> spent_by_units(9, 3)
        9.0
    """
    return n_parameters + UNIT * n_units
