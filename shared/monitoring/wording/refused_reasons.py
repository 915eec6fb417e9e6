"""What the server refused, rows and outcomes: how many, and what of which column was wrong."""

from collections.abc import Sequence

from shared.log.refused_rows import BODY, UNKNOWN, Place, RowFault
from shared.model.verdict import Level, Reason
from shared.monitoring.objectives import FEWEST_REQUESTS, LARGE_SLICE
from shared.monitoring.outcomes.lacking_outcomes import OF_DUE
from shared.monitoring.outcomes.refused_outcomes import RefusedOutcomes
from shared.monitoring.service import Service
from shared.schema.contract import Contract
from shared.schema.validation import NO_CATEGORY
from shared.sections.operation import Monitor
from shared.words import list_of, number_of

REFUSED = "refused"
# So many faults are named one by one.
MOST_NAMED = 2
SEND_AGAIN = (
    "Mend what sends the outcomes, and send them again: those that are refused are in no log."
)


def refused_reasons(service: Service | None, monitor: Monitor, contract: Contract) -> list[Reason]:
    """Name what was refused where that is more than the settings allow.

    A row that was refused has no answer, and nobody has judged it: of as many as a large slice has
    that wakes a person.
    """
    words, share = refused_words(service, contract), service.refused_share if service else 0.0
    if not service or not words or share <= monitor.rejected_share:
        return []
    level: Level = "act" if share >= LARGE_SLICE else "watch"
    column = _column_to_mend(service.row_faults)
    step = f"Ask whoever feeds {column} what changed" if column else "Check what its callers send"
    more = " The card lists all faults." if len(service.row_faults) > MOST_NAMED else ""
    return [
        Reason(
            level=level,
            stage="contract",
            what=words,
            column=column,
            check=REFUSED,
            number=share,
            threshold=monitor.rejected_share,
            unit="of rows",
            next_step=f"{step}: rows that are refused get no answer, and are in no log.{more}",
        )
    ]


def _column_to_mend(faults: Sequence[tuple[Place, RowFault]]) -> str | None:
    """Return the column of the most frequent fault; of as frequent ones one that has a column."""
    most = max((fault.rows for _, fault in faults), default=0)
    return next((column for (column, _), fault in faults if fault.rows == most and column), None)


def refused_notes(service: Service | None, monitor: Monitor, contract: Contract) -> list[str]:
    """Say what was refused where that is no reason."""
    words = refused_words(service, contract, fewest=1)
    is_said = refused_reasons(service, monitor, contract)
    return [f"{words[0].upper()}{words[1:]}."] if words and not is_said else []


def refused_words(
    service: Service | None, contract: Contract, fewest: int = FEWEST_REQUESTS
) -> str | None:
    """Say how many rows were refused and for what; None for fewer than matter."""
    if service is None or not service.refused_rows or service.refused_rows < fewest:
        return None
    refused = service.refused_rows
    were = "were" if refused > 1 else "was"
    what = f"{refused:,} of {number_of(refused + service.rows, 'row')} {were} refused"
    return _with_faults(what, service.row_faults, contract)


def with_refused_outcomes(
    reasons: Sequence[Reason], refused: RefusedOutcomes | None, lacking: int, contract: Contract
) -> list[Reason]:
    """Return reasons, those that outcomes lack with what was refused, if that may be many of them.

    So many are `lacking`; a tenth of them is many.
    """
    if refused is None or refused.rows < LARGE_SLICE * lacking:
        return list(reasons)
    said = {"likely_cause": outcome_words(refused, contract), "next_step": SEND_AGAIN}
    return [one.model_copy(update=said) if one.unit == OF_DUE else one for one in reasons]


def outcome_notes(
    refused: RefusedOutcomes | None, reasons: Sequence[Reason], contract: Contract
) -> list[str]:
    """Say which outcomes were refused, where no reason says so."""
    words = outcome_words(refused, contract) if refused else None
    return [f"{words}."] if words and all(one.likely_cause != words for one in reasons) else []


def outcome_words(refused: RefusedOutcomes, contract: Contract) -> str:
    """Say how many outcomes were refused, since when and for what."""
    many = number_of(refused.rows, "outcome was", "outcomes were")
    what = f"{many} refused since {refused.since:%Y-%m-%d %H:%M} UTC"
    return _with_faults(what, refused.faults, contract)


def _with_faults(what: str, faults: Sequence[tuple[Place, RowFault]], contract: Contract) -> str:
    named = [fault_words(place, fault, contract) for place, fault in faults[:MOST_NAMED]]
    return f"{what}: {list_of(named)}" if named else what


def fault_words(place: Place, fault: RowFault, contract: Contract) -> str:
    """Say what was wrong in how many rows, such as "age was not a number in 3 of them ('x')"."""
    column, rule = place
    seen = f" ({fault.example})" if fault.example else ""
    many = f"in {fault.rows:,} of them{seen}"
    if place == BODY:
        return f"what was sent could not be read {many}"
    if place == UNKNOWN:
        return f"a name was none of a row's {many}"
    # It may be a rule of another bundle, which was served before.
    known = next((one.categories for one in contract.columns if one.name == column), None)
    if rule == NO_CATEGORY and known:
        rule = f"not one of its {len(known)} values"
    rule = rule.partition(" (")[0]
    return f"{column} was {rule} {many}"
