"""Checks that find nothing, since history or chance vary as much as can be: in words."""

from shared.baseline import baseline_profile, bounded_shares
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks.detection import Deviation
from shared.profiles import dependence
from shared.profiles.counting_plan import CountingPlan
from shared.profiles.gram import HOUR
from shared.words import list_of

# From such a share of the most that a number can be, a threshold leaves nothing to be found.
BLIND = 0.95
MOST_NAMED = 4
# What is not judged of some columns, and what varied.
WORDS = {
    "missing": ("how much of {} is missing", "it"),
    "distance": ("whether the values of {} have shifted", "they"),
    "dependence": ("how {} and other columns depend on each other", "that"),
}


def blind_notes(case: Case, findings: Findings) -> list[str]:
    """Say in a sentence for each kind of check of which columns it can find nothing."""
    plan, notes = case.baseline.plan, []
    for check, (what, varied) in WORDS.items():
        blind = [
            plan.time if deviation.statistic.column == HOUR else deviation.statistic.column
            for deviation in findings.deviations
            if deviation.statistic.check == check and is_blind(deviation, plan)
        ]
        if blind:
            asked = what.format(list_of(sorted(blind), MOST_NAMED))
            notes.append(
                f"It cannot be judged {asked}: in the model's history, or by chance in so few "
                f"rows, {varied} varied so much that no such window would stand out."
            )
    return notes


def is_blind(deviation: Deviation, plan: CountingPlan) -> bool:
    """Say whether a threshold is next to the most that the number can be."""
    statistic = deviation.statistic
    most = bounded_shares.most_of(baseline_profile.family(statistic, plan))
    if statistic.check == "dependence":
        # Exchanged values may be beyond it yet; shuffled ones are not.
        return deviation.threshold >= dependence.MOST_LOST
    return bool(deviation.threshold >= BLIND * most)
