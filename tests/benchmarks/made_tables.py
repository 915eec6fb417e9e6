"""Tables as businesses have them, made: what wanders, grows, has a season, comes and goes."""

from collections.abc import Callable

import numpy as np
import pandas as pd

START = pd.Timestamp("2022-01-03", tz="UTC")
PER_DAY, YEAR = 200, 365
# How the rows of a day are spread over its hours.
HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 8, 8, 8, 8, 8, 7, 7, 6, 5, 4, 3, 2, 1]) / 118

Made = tuple[pd.DataFrame, np.ndarray, np.random.Generator]


def _rows(seed: int, daily: np.ndarray) -> Made:
    """Return orders with so many rows a day, the day of each, and what to go on with."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(len(daily)), rng.poisson(daily))
    seconds = 3_600 * rng.choice(24, len(day), p=HOURS) + rng.integers(0, 3_600, len(day))
    order = np.argsort(day * 86_400 + seconds, kind="stable")
    day, seconds = day[order], seconds[order]
    amount = rng.lognormal(3, 0.6, len(day)).round(2)
    frame = pd.DataFrame(
        {
            "at": START + pd.to_timedelta(day * 86_400 + seconds, unit="s"),
            "amount": amount,
            "points": amount * 0.4 + rng.normal(0, 4, len(day)),
            "age": rng.integers(18, 90, len(day)).astype("float64"),
            "shop": rng.choice(list("abcdef"), len(day), p=[0.3, 0.25, 0.2, 0.12, 0.08, 0.05]),
        }
    )
    return frame, day, rng


def _steady(seed: int, days: int, per_day: float = PER_DAY) -> Made:
    return _rows(seed, np.full(days, float(per_day)))


def walk(seed: int, days: int) -> pd.DataFrame:
    """Return three numbers that wander from day to day."""
    frame, day, rng = _steady(seed, days)
    steps = rng.normal(0, 1, (days, 3)).cumsum(axis=0)
    for at, scale in enumerate((0.3, 1.0, 1.0)):
        frame[f"price_{at}"] = 100 + scale * steps[day, at] + rng.normal(0, 4, len(frame))
    return frame


def growth(seed: int, days: int) -> pd.DataFrame:
    """Return a trade that grows by 3 % a week."""
    return _rows(seed, 0.4 * PER_DAY * 1.03 ** (np.arange(days) / 7))[0]


def seasons(seed: int, days: int) -> pd.DataFrame:
    """Return a trade with a season in its rows and its values, from any day of the year on."""
    phase = np.random.default_rng(seed + 1_000).uniform(0, YEAR)
    year = 2 * np.pi * (np.arange(days) + phase) / YEAR
    frame, day, rng = _rows(seed, PER_DAY * (1 + 0.2 * np.sin(year)))
    spells = pd.Series(rng.normal(0, 2.2, days)).ewm(alpha=0.4).mean().to_numpy()
    clock = 2 * np.pi * frame["at"].dt.hour / 24
    frame["warmth"] = 12 - 10 * np.cos(year)[day] + spells[day] + 4 * np.sin(clock)
    frame["warmth"] += rng.normal(0, 2, len(frame))
    frame["ice"] = (rng.random(len(frame)) < 0.3 + 0.2 * np.cos(year)[day]).astype("float64")
    return frame


def launches(seed: int, days: int) -> pd.DataFrame:
    """Return products of which a new one comes every three weeks, and is bought ever more."""
    frame, day, rng = _steady(seed, days)
    first = np.concatenate([np.zeros(12), np.sort(rng.integers(1, days, days // 20))])
    liked = rng.pareto(1.5, len(first)) + 0.3
    names = np.array([f"product {number}" for number in range(len(first))])
    bought = np.zeros(len(frame), "int64")
    for today in range(days):
        share = np.clip((today - first) / 21, 0, 1) * liked
        share[:12] = liked[:12]
        at = day == today
        bought[at] = rng.choice(len(first), at.sum(), p=share / share.sum())
    return frame.assign(product=names[bought])


def people(seed: int, days: int) -> pd.DataFrame:
    """Return users who come and go, and a reference that no two rows share."""
    frame, day, rng = _steady(seed, days)
    born = rng.integers(-120, days, days * 12)
    gone = born + rng.exponential(60, len(born))
    user = np.zeros(len(frame), "int64")
    for today in range(days):
        at, here = day == today, np.flatnonzero((born <= today) & (gone > today))
        user[at] = rng.choice(here, at.sum())
    reference = rng.integers(0, 10**7, len(frame))
    return frame.assign(user=[f"u{n}" for n in user], reference=[f"r{n}" for n in reference])


def batches(seed: int, days: int) -> pd.DataFrame:
    """Return what is made in batches of five days, on two lines in turn."""
    frame, day, rng = _steady(seed, days)
    quality = 50 + 2 * rng.normal(0, 1, days)[day] + rng.normal(0, 1, len(frame))
    lines = np.where(day // 3 % 2, "north", "south")
    return frame.assign(batch=[f"b{n}" for n in day // 5 % 40], quality=quality, line=lines)


def creep(seed: int, days: int) -> pd.DataFrame:
    """Return what slowly wears, and a share that slowly rises."""
    frame, day, rng = _steady(seed, days)
    worn = (rng.random(len(frame)) < 0.1 + 0.0008 * day).astype("float64")
    driven = (20_000 + 60 * day + rng.normal(0, 9_000, len(frame))).round()
    return frame.assign(wear=day * 0.02 + rng.normal(0, 1, len(frame)), worn=worn, odometer=driven)


def few(seed: int, days: int) -> pd.DataFrame:
    """Return a trade with some twenty rows a day."""
    return _steady(seed, days, 20)[0]


def rota(seed: int, days: int) -> pd.DataFrame:
    """Return orders that are larger, and of other shops, on Saturdays and Sundays."""
    frame, day, rng = _steady(seed, days)
    weekend = (START.dayofweek + day) % 7 >= 5
    shop = frame["shop"].mask(weekend & (rng.random(len(frame)) < 0.25), "f")
    return frame.assign(amount=frame["amount"] * np.where(weekend, 1.3, 1.0), shop=shop)


MADE: dict[str, Callable[[int, int], pd.DataFrame]] = {
    made.__name__: made for made in (walk, growth, seasons, launches, people, batches, creep, few)
}
