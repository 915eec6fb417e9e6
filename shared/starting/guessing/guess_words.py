"""What was guessed of a new problem, in a few words each."""

from datetime import datetime

from shared.starting.guessing.guess import Guess
from shared.words import number_of

RANDOM = "random, as there is no time: the model may be worse in earnest than it looks"


def guess_words(found: Guess) -> dict[str, str]:
    """Return the guesses in words, by what they are of."""
    split = found.borders
    days = ", ".join(_moments(split.validation, split.holdout)) if split else ""
    rows = {
        "table": f"{number_of(found.look.rows, 'row')}, "
        f"{number_of(found.look.sample.num_columns, 'column')}",
        "target": f"{found.target.name}: {found.target.kind} ({found.target.why})",
        "key": found.key or f"none: source.py adds {found.key_name}",
        "time": found.time.name if found.time else f"none: source.py adds {found.time_name}",
        "features": f"{len(found.features)}, and {len(found.left_out)} left out",
        "split": f"validation and holdout from {days}" if split else RANDOM,
        "window": f"window_days = {found.window_days:g}, about "
        f"{number_of(found.window_rows, 'row')}",
    }
    csv = found.look.csv.model_dump(exclude_defaults=True)
    return rows | (
        {"csv": ", ".join(f"{key} = {value!r}" for key, value in csv.items())} if csv else {}
    )


def _moments(*moments: datetime) -> list[str]:
    """Write moments as days, or to the minute where one of them is within its day."""
    within = any((moment.hour, moment.minute) != (0, 0) for moment in moments)
    return [f"{moment:{'%Y-%m-%d %H:%M' if within else '%Y-%m-%d'}}" for moment in moments]
