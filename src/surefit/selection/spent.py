"""Effective degrees of freedom of models that are searched.

A parameter that is solved spends one degree of freedom. One that is searched takes more out of the
noise: the place of a break is chosen among all places. How much depends on the truth (Ye 1998, J.
Am. Stat. Assoc. 93, 120): little more than its parameters where every unit or break is plainly
needed, about twice as much where it has nothing to describe. On the ladder a model stands for the
hypothesis that it is true and no part of it idle, so the former counts.

`python -m benchmarks.ladder.freedom` measures it: covariance of prediction and noise, over toys.
"""

# Beyond its one parameter. Of staircases with steps of 2 σ, one break (3 parameters) spends 4.3 ±
# 0.6 and 3.9 ± 0.4 on 50 and 200 points, three (7 parameters) 10.1 ± 0.8 and 9.9 ± 0.8. At 4 σ,
# where a break is nearly known to the gap, it is 2.2 and 2.2, 5.0 and 6.5; where there is no step
# at all, 5.4 and 6.1 for one break.
BREAK = 1.0
# Beyond its parameters. Of the lesson's function, Dense(1) to Dense(4), with 4, 7, 10 and 13
# parameters, spend 3.6, 6.3, 10.7 and 14.5 (± 0.4 to 0.9) on 50 points, 3.7, 5.8, 8.8 and 11.9 (±
# 0.4 to 0.8) on 200: nothing more. Idle units do: Dense(5) to Dense(7), with 16, 19 and 22, spend
# 21.5, 26.5 and 29.6 (± 1.3) on 50 points and 20.1, 25.8 and 29.4 (± 1.3) on 200; but a sum with
# idle units is not the smallest that is adequate. Sigmoids(5), 15 parameters, on 1000 points spends
# 15.0 ± 0.3 of a curve that is such a sum, and 21.8 ± 1.1 of the lesson's, which five cannot make.
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
