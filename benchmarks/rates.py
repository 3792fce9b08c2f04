"""How often something happened, with its upper limit."""

import scipy.stats


def upper_limit(k: int, n: int, level: float = 0.95) -> float:
    """Largest probability at which k of n or fewer happen as rarely as 1 − level.

    Clopper and Pearson 1934, one-sided.

    Example:
        >>> round(upper_limit(0, 299), 3)
        0.01
    """
    return 1.0 if k >= n else float(scipy.stats.beta.ppf(level, k + 1, n - k))


def rate(k: int, n: int) -> str:
    """Counts, with the upper limit at 95 % confidence.

    Example:
        >>> rate(0, 299)
        '0 of 299 (below 1 % at 95 %)'
    """
    return f"{k} of {n} (below {100 * upper_limit(k, n):.2g} % at 95 %)"
