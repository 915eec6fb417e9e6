"""Profiles that an earlier Millrace stored, in the words of today."""

from typing import Any

# The first word of a key, as it was stored, and as it is now.
CHECKS = {"ties": "dependence", "relation": "linear dependence"}


def in_words_of_today(profile: dict[str, Any]) -> dict[str, Any]:
    """Return a stored profile with the keys of today and its own numbers.

    One that has them already, or is no profile, comes back as it is.
    """
    plan = profile.get("plan")
    if not isinstance(plan, dict) or "ties" not in plan:
        return profile
    return {
        **profile,
        "plan": {("dependences" if key == "ties" else key): plan[key] for key in plan},
        "counts": _renamed(profile["counts"]),
        "noise": _renamed(profile["noise"]),
        "spans": [
            {**span, **{name: _renamed(span[name]) for name in ("largest", "multiples")}}
            for span in profile["spans"]
        ],
    }


def _renamed(numbers: dict[str, Any]) -> dict[str, Any]:
    """Return numbers by the check (or the kind of counts) and the column that they are of."""
    parts = {key: key.partition(" ") for key in numbers}
    return {
        f"{CHECKS.get(check, check)}{space}{rest}": numbers[key]
        for key, (check, space, rest) in parts.items()
    }
