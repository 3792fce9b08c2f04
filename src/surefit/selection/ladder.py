"""The climb: rungs are fitted and judged in the order of their effective size."""

import dataclasses
import heapq
import time
from collections.abc import Sequence

from surefit.exceptions import SurefitError
from surefit.minimizers.base import Report
from surefit.selection.adequacy import Adequacy, Examiner
from surefit.selection.climbs import Fitter, judged
from surefit.selection.rungs import Candidate, Rung

# Probability, at most, that a larger model than the one behind the data is chosen.
LEVEL = 0.05
# Effective degrees of freedom at most; the part of the points at most, and at least so many.
MOST, SHARE, LEAST = 90.0, 0.35, 4.0
# How far the climb goes on beyond an adequate rung, as a part of its size and in degrees.
BEYOND, FURTHER = 0.2, 3.0
# p-value from which a rung that was only climbed to may turn out adequate in a full search.
DOUBTFUL = 1e-3


@dataclasses.dataclass(frozen=True, eq=False)
class Climbed:
    """One rung that was reached.

    Attributes:
        rung: The rung.
        candidate: Its fit.
        adequacy: What speaks against it.
        seconds: Wall time.
    """

    rung: Rung
    candidate: Candidate
    adequacy: Adequacy
    seconds: float

    @property
    def is_adequate(self) -> bool:
        """Whether no larger model is significantly better."""
        return self.adequacy.pvalue >= LEVEL


@dataclasses.dataclass(eq=False)
class Ladder:
    """A climb under way.

    Attributes:
        families: Rungs of each family, in order of size.
        judge: The tests.
        fitter: Fits one model in full.
        report: Told about each rung.
        n_points: Number of points.
    """

    families: Sequence[Sequence[Rung]]
    judge: Examiner
    fitter: Fitter
    report: Report
    n_points: int

    def __post_init__(self) -> None:
        self.reached: list[Climbed] = []
        self.failures: list[tuple[str, str]] = []

    def climb(self) -> None:
        """Go up until well beyond the smallest adequate rung; then search what is in doubt.

        Rungs are tested in a fixed order, from small to large, and the first that is not rejected
        is taken. If the model behind the data is on the ladder, a larger one is taken only if that
        model itself is rejected: so each test has the full level, and the family-wise error is that
        of one (Maurer, Hothorn & Lehmacher 1995).
        """
        for rung in heapq.merge(*self.families, key=lambda rung: rung.spent):
            if rung.family == "yours" or self._is_worth_it(rung):
                self._reach(rung)
        while self._settle():
            pass

    def chosen(self) -> Climbed | None:
        """The adequate rung of fewest effective degrees of freedom; of equal ones the first."""
        adequate = [one for one in self.reached if one.is_adequate]
        return min(adequate, key=lambda one: one.rung.spent, default=None)

    def _is_worth_it(self, rung: Rung) -> bool:
        if rung.spent > min(MOST, max(SHARE * self.n_points, LEAST)):
            return False
        chosen = self.chosen()
        if chosen is None:
            return True
        size = chosen.rung.spent
        return rung.spent <= (size if rung.is_costly else size * (1 + BEYOND) + FURTHER)

    def _reach(self, rung: Rung) -> None:
        began = time.perf_counter()
        self.report(str(rung.model), float("nan"))
        try:
            candidate = rung.make()
        except SurefitError as error:
            self.failures.append((str(rung.model), str(error)))
            return
        self.reached.append(self._judged(rung, candidate, began))

    def _judged(self, rung: Rung, candidate: Candidate, began: float) -> Climbed:
        adequacy = self.judge.examine(
            candidate.residuals, candidate.deviance, candidate.tangent, rung.spent
        )
        return Climbed(rung, candidate, adequacy, time.perf_counter() - began)

    def _settle(self) -> bool:
        """Search one rung in full that may be adequate, or is chosen; whether there was one.

        A climb may have missed a minimum: a smaller rung must not be passed over for that.
        """
        chosen = self.chosen()
        most = 0.0 if chosen is None else chosen.rung.spent
        for place, one in enumerate(self.reached):
            is_open = one.candidate.start is not None and one.candidate.fit is None
            if is_open and one.rung.spent <= most and one.adequacy.pvalue >= DOUBTFUL:
                self.reached[place] = self._searched(one)
                return True
        return False

    def _searched(self, one: Climbed) -> Climbed:
        """A rung searched in full from where the climb came to it, if that is better."""
        began = time.perf_counter() - one.seconds
        fit = self.fitter(one.rung.model, start=one.candidate.start)
        candidate = judged(fit, self.judge.cells)
        return self._judged(one.rung, candidate, began)
