"""Check by toys that the errors of a fit are what they say; the record, in text and HTML."""

import dataclasses
from typing import Any

import numpy as np

from surefit.exceptions import InvalidOption, NotAvailable
from surefit.minimizers.base import Report, silent
from surefit.report.interval_rises import WIDENED
from surefit.report.intervals import profiled_names
from surefit.report.statement import Quantity, statement_html, statement_text
from surefit.report.wording import count_of
from surefit.uncertainty.coverage import (
    BandCoverage,
    Covered,
    ParameterCoverage,
    band_coverage,
    parameter_coverage,
)
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.refitting import cold_refits, origin_of, warm_refits
from surefit.uncertainty.toy_fits import ToyFits, read_toys
from surefit.uncertainty.toys import drawn_toys

LEVELS = (0.6827, 0.9545)
# Places at which the band is compared, at most.
MOST_PLACES = 100
# Fewest toys from which a coverage says anything: its error is then 5 %.
FEWEST = 100
# A fall of −2 ln L by which one minimum is lower than another, in units of its size per degree.
LOWER = 0.01
# Distance from what is stated that is worth a word: beyond what counting explains, and 2 %.
TOLERABLE, BINOMIAL = 0.02, 3.0
CORRECTED = WIDENED + "{factor:.4g}, for the band to cover 68.27 % of toys"
# A mean pull, and a width beside 1, that are worth a word, beyond three of their own errors.
OFF, UNEVEN = 0.1, 0.05


@dataclasses.dataclass(frozen=True, eq=False)
class Coverage:
    """What toys say of the errors of a fit; print it, plot it.

    Attributes:
        fit: The fit.
        n_toys: Toys that were drawn.
        n_failed: Toys whose fit did not end at a minimum; they are left out.
        n_cold: Toys that were fitted from no start as well.
        n_lower: Of these, how many had a lower minimum than the warm refit.
        rank: Combinations of parameters that the fit determined.
        same_rank: Share of the toys that determined as many.
        parameters: Coverage of each parameter that has an error or an interval.
        band: Coverage of the band.
        left_out: Parameters without an error, and why, by name.
    """

    fit: FitRecord
    n_toys: int
    n_failed: int
    n_cold: int
    n_lower: int
    rank: int
    same_rank: float
    parameters: tuple[ParameterCoverage, ...]
    band: BandCoverage
    left_out: dict[str, str]

    def __getitem__(self, name: str) -> ParameterCoverage:
        """The coverage of one parameter."""
        return {one.name: one for one in self.parameters}[name]

    @property
    def is_covered(self) -> bool:
        """Whether nothing covers less than it states by more than 2 % and three binomial errors."""
        return not self.short

    def corrected(self) -> Any:
        """The fit with errors and band multiplied by `band.factor`; a note says so.

        The factor is what makes the mean band cover 68.27 % of these toys. It takes out a common
        size that is wrong, neither a bias nor a shape.
        """
        note = CORRECTED.format(factor=self.band.factor) + f" ({self.n_toys} toys)."
        return dataclasses.replace(
            self.fit,
            working_covariance=self.fit.working_covariance * self.band.factor**2,
            notes=(*self.fit.notes, note),
        )

    def document(self) -> dict[str, Any]:
        """The record as a document for JSON."""
        band = self.band
        return {
            "toys": self.n_toys,
            "failed": self.n_failed,
            "cold": self.n_cold,
            "lower": self.n_lower,
            "parameters": {one.name: dataclasses.asdict(one) for one in self.parameters},
            "band": {
                "means": [dataclasses.asdict(one) for one in band.means],
                "mean_pull": band.mean_pull,
                "pull_width": band.pull_width,
                "factor": band.factor,
            },
            "left_out": self.left_out,
        }

    @property
    def short(self) -> list[str]:
        """What covers less than it states by more than counting explains: names, "the band"."""
        names = [
            one.name
            for one in self.parameters
            if any(_is_short(covered) for covered in (one.profile or one.symmetric))
        ]
        return names + ["the band"] * any(_is_short(covered) for covered in self.band.means)

    @property
    def skewed(self) -> list[str]:
        """Parameters whose pulls are off 0 ± 1 by more than counting explains."""
        n = self.n_toys - self.n_failed
        return [
            one.name
            for one in self.parameters
            if one.symmetric
            and (
                abs(one.mean_pull) > OFF + BINOMIAL * one.pull_width / np.sqrt(n)
                or abs(one.pull_width - 1) > UNEVEN + BINOMIAL * one.pull_width / np.sqrt(2 * n)
            )
        ]

    def _quantities(self) -> list[Quantity]:
        rows: list[Quantity] = []
        for one in self.parameters:
            remark = f"pull {one.mean_pull:+.2f} ± {one.pull_width:.2f}" if one.symmetric else ""
            if one.symmetric:
                rows.append((one.name, _in_words(one.symmetric), remark))
            if one.profile:
                rows.append((f"{one.name}, profile", _in_words(one.profile), ""))
        remark = f"pull {self.band.mean_pull:+.2f} ± {self.band.pull_width:.2f}"
        rows.append(("band, mean over x", _in_words(self.band.means), remark))
        return rows

    def _sentences(self) -> list[str]:
        first = self.band.shares[0]
        said = [
            "Shares of toys, with binomial errors, in which value ± error (or the interval) "
            "contains what the toys were drawn with; pulls are their mean ± width, 0 ± 1 if errors "
            f"are right. By x the band covers from {100 * np.min(first):.1f} % to "
            f"{100 * np.max(first):.1f} %.",
        ]
        if self.short:
            said.append(
                f"Too small: the errors of {_listed(self.short)}. Quote fit.interval(name) "
                "instead, or multiply by what covers: corrected() widens all by "
                f"{self.band.factor:.3g}."
            )
        else:
            said.append("Nothing covers less than it states.")
        if self.skewed:
            said.append(
                f"The pulls of {_listed(self.skewed)} are not 0 ± 1: these parameters are not "
                "nearly normal, so that value ± error is no more than their curvature says. Quote "
                "fit.interval(name)."
            )
        if self.same_rank < 1:
            said.append(
                f"The fit determines {self.rank} combinations of parameters; so did "
                f"{100 * self.same_rank:.3g} % of the toys. A band knows only of those."
            )
        if self.left_out:
            listed = [f"{name} ({why})" for name, why in self.left_out.items()]
            said.append(f"Without an error, so without a coverage: {_listed(listed)}.")
        if self.n_failed:
            said.append(
                f"{count_of(self.n_failed, 'toy')} of {self.n_toys} did not end at a minimum; they "
                "are left out, as such a fit says so."
            )
        if self.n_cold:
            said.append(
                "Toys were refitted from the fit. "
                f"{count_of(self.n_cold, 'toy')} were searched from no start as well: "
                f"{self.n_lower} had a lower minimum elsewhere, which these errors do not know of."
            )
        return said

    def __str__(self) -> str:
        heading = f"Coverage of {self.fit.model} in {self.n_toys} toys"
        return statement_text(heading, self._quantities(), self._sentences())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        heading = f"Coverage of {self.fit.model} in {self.n_toys} toys"
        return statement_html(heading, self._quantities(), self._sentences())

    def plot(self, **options: Any):
        """Draw the coverage of each parameter and of the band over x, as a matplotlib figure."""
        from surefit.report.coverage_figure import coverage_figure  # slow to import

        return coverage_figure(self, **options)


def check_coverage(
    fit: FitRecord, toys: int, profiles: bool, cold: float, key: int, report: Report | None
) -> Coverage:
    """See `Fit.check_coverage`."""
    _check(fit, toys, cold)
    if profiles and not fit.loss.is_likelihood:
        raise NotAvailable(
            f"{fit.loss} is no likelihood: its profiles are scaled to the error of each fit, and "
            "are not checked. Leave profiles out."
        )
    report = report or silent
    origin, rng = origin_of(fit), np.random.default_rng(key)
    sets = drawn_toys(fit, toys, rng)
    refits = warm_refits(origin, sets, report=report)
    n_cold = min(toys, int(np.ceil(cold * toys)))
    searched = cold_refits(origin, sets, range(n_cold), key=key, report=report)
    unit = refits.value[:n_cold] / max(fit.ndof, 1) if fit.loss.is_least_squares else 1.0
    is_lower = searched.value < refits.value[:n_cold] - LOWER * unit
    x, levels = _places(fit), LEVELS
    profiled = profiled_names(fit) if profiles else ()
    read = read_toys(origin, sets, refits, x, levels, profiled=profiled, report=report)
    truth = np.asarray(fit.model.evaluate(fit.working, x)).ravel()
    return Coverage(
        fit=fit,
        n_toys=toys,
        n_failed=int(np.sum(~read.is_minimum)),
        n_cold=n_cold,
        n_lower=int(np.sum(is_lower)),
        rank=fit.rank,
        same_rank=float(np.mean(read.ranks[read.is_minimum] == fit.rank)),
        parameters=_parameters(fit, read, levels, profiled),
        band=band_coverage(read, x, truth, levels),
        left_out={
            name: fit.remarks.get(name, "no error")
            for name in fit.names
            if not fit.errors[name] > 0 and name not in profiled
        },
    )


def _parameters(
    fit: FitRecord, read: ToyFits, levels: tuple[float, ...], profiled: tuple[str, ...]
) -> tuple[ParameterCoverage, ...]:
    found = []
    for place, name in enumerate(read.names):
        where = profiled.index(name) if name in profiled else None
        if fit.errors[name] > 0 or where is not None:
            found.append(parameter_coverage(read, place, fit.values[name], levels, where))
    return tuple(one for one in found if one.symmetric or one.profile)


def _check(fit: FitRecord, toys: int, cold: float) -> None:
    fit.predict(fit.data.x[:1])  # a function that a file could not hold says so
    if not isinstance(toys, int) or toys < FEWEST:
        raise InvalidOption(
            f"toys is {toys!r}; give a whole number of at least {FEWEST}, from which a share is "
            "known to 5 %."
        )
    if not 0 <= cold <= 1:
        raise InvalidOption(f"cold is {cold!r}; give the share of toys to search from no start.")
    if not fit.status.may_have_intervals:
        name = fit.status.name.replace("_", " ")
        raise NotAvailable(f"The fit is not at a minimum ({name}), so its errors mean nothing.")
    if not (np.isfinite(fit.error_scale) and fit.error_scale > 0):
        raise NotAvailable(
            "The errors on y are not known, and cannot be estimated from these residuals, so no "
            "toys can be drawn; give yerr."
        )
    if not np.isfinite(fit.working_covariance).all():
        raise NotAvailable("The fit has no covariance, so there is nothing to check.")


def _places(fit: FitRecord) -> np.ndarray:
    """Points of the data, spread evenly among them."""
    order = np.argsort(fit.data.inputs[:, 0], kind="stable")
    n = len(order)
    return fit.data.x[order[np.unique(np.linspace(0, n - 1, min(n, MOST_PLACES)).astype(int))]]


def _is_short(covered: Covered) -> bool:
    return covered.share < covered.level - TOLERABLE - BINOMIAL * covered.error


def _in_words(found: tuple[Covered, ...]) -> str:
    return ", ".join(
        f"{100 * one.share:.1f} ± {100 * one.error:.1f} % of {100 * one.level:.2f}" for one in found
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
