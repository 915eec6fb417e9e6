"""A declared simulation of a shop: nobody clicked any of it.

Whether a shown item is clicked depends on the item, on how it suits the segment of users, on the
user, and on its position: each an effect that multiplies a base rate, made by chance once for each
shop. A window is a span in which a policy shows slates; after it, the model learns again. It knows
nothing of positions, as models of real shops do not: that is one way in which it takes for an
item's merit what was its own doing. The other is that it counts clicks, not what they were out of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from shared.policies.impressions import Impressions

# Of the sample's random policy 0.38 % of impressions are clicked: too few to learn from in a
# simulation of seconds. These are ten times as many.
BASE_RATE = 0.038
ITEM_SPREAD, AFFINITY_SPREAD, USER_SPREAD = 0.5, 0.3, 0.3
POSITION_EFFECTS = (1.0, 0.6, 0.4)
MOST_CHANCE = 0.9
# Of the variance of true rates, relative to their mean squared.
LEAST_SPREAD, MOST_SPREAD = 1e-3, 4.0
SLATES = 4_000


@dataclass(frozen=True)
class Shop:
    """What is true of a shop: `chances` of a click at the first position, (segments, items).

    `users` has the segment of each user, `keen` how many times as often each clicks, and
    `positions` what each position makes of a chance.
    """

    chances: np.ndarray
    users: np.ndarray
    keen: np.ndarray
    positions: np.ndarray


@dataclass(frozen=True)
class Rules:
    """How a shop is run, from one window to the next.

    A model of `rates` learns the clicks of an item for each time that it was shown to a segment,
    one of `popularity` the clicks that it had. It learns from all `served` rows of the last
    `memory` windows, from `explored` rows alone, or from `nothing` since the even choices that it
    began with; with `even` it chooses nothing. A `share` of the positions is chosen evenly; with a
    `temperature` the rest is by the scores' odds to the power of its inverse, else the best first.
    Learning weights rows by inverse propensity, up to `clip`.
    """

    learns: Literal["served", "explored", "nothing", "even"] = "served"
    model: Literal["rates", "popularity"] = "popularity"
    share: float = 0.1
    temperature: float | None = None
    clip: float | None = None
    memory: int = 12


class Window(NamedTuple):
    """Impressions of a window, and the mean chance of a click that they really had: `value`.

    `best` is that of slates with the model's best and no exploration: what it has learnt. `model`
    is the number of its training.
    """

    rows: Impressions
    value: float
    best: float
    model: int


def open_shop(
    random: np.random.Generator,
    *,
    items: int = 80,
    segments: int = 5,
    users: int = 1_000,
    positions: tuple[float, ...] = POSITION_EFFECTS,
) -> Shop:
    """Return a shop whose effects are made by chance."""
    merit = random.normal(0, ITEM_SPREAD, items)
    suits = random.normal(0, AFFINITY_SPREAD, (segments, items))
    keen = np.exp(random.normal(0, USER_SPREAD, users))
    chances = BASE_RATE / np.mean(positions) * np.exp(merit + suits)
    return Shop(chances, random.integers(segments, size=users), keen, np.array(positions))


def windows(
    shop: Shop, rules: Sequence[Rules], random: np.random.Generator, slates: int = SLATES
) -> Iterator[Window]:
    """Yield a window for each of the rules, after one of even choices to learn from first."""
    unknown = np.full(shop.chances.shape, np.nan)
    past, model = [serve(shop, unknown, Rules("even"), random, slates).rows], 0
    scores = learn(past, shop, Rules("nothing", rules[0].model), random)
    for now, following in zip(rules, [*rules[1:], None], strict=True):
        window = serve(shop, scores, now, random, slates)
        yield window._replace(model=model)
        if following and following.learns in ("served", "explored"):
            past = [*past, window.rows][-following.memory :]
            scores, model = learn(past, shop, following, random), model + 1


def serve(
    shop: Shop, scores: np.ndarray, rules: Rules, random: np.random.Generator, slates: int
) -> Window:
    """Show slates to users who come by chance, and see what they click."""
    users = random.integers(len(shop.users), size=slates)
    segments = shop.users[users]
    shown, propensity = _choose(scores[segments], rules, len(shop.positions), random)
    places = len(shop.positions)
    position = np.arange(1, places + 1)
    chance = click_chances(shop, users[:, None], shown, position)
    rows = Impressions(
        user=np.repeat(users, places),
        item=shown.ravel(),
        slate=np.repeat(np.arange(slates), places),
        position=np.tile(position, slates),
        candidates=np.full(slates * places, scores.shape[1]),
        propensity=propensity.ravel(),
        clicked=(random.random(chance.shape) < chance).astype("float64").ravel(),
        probability=scores[segments[:, None], shown].ravel(),
        policy=np.full(slates * places, _name(rules)),
    )
    first = np.argsort(-scores, axis=1, kind="stable")[:, :places]
    best = np.take_along_axis(shop.chances, first, axis=1)[shop.users] * shop.keen[:, None]
    return Window(rows, float(chance.mean()), float((best * shop.positions).mean()), 0)


def click_chances(
    shop: Shop, user: np.ndarray, item: np.ndarray, position: np.ndarray
) -> np.ndarray:
    """Return the true chances of a click, by the numbers of user and item, all of one shape."""
    chance = shop.chances[shop.users[user], item] * shop.keen[user] * shop.positions[position - 1]
    return np.minimum(chance, MOST_CHANCE)


def learn(
    past: list[Impressions], shop: Shop, rules: Rules, random: np.random.Generator
) -> np.ndarray:
    """Return the chance of a click that a model learns of each segment and item."""
    (segments, items), parts = shop.chances.shape, []
    for rows in past:
        kept, weights = _training_rows(rows, rules, random)
        cells = shop.users[rows.user[kept]] * items + rows.item[kept]
        parts.append(
            [
                np.bincount(cells, each, segments * items).reshape(segments, items)
                for each in (weights, weights * rows.clicked[kept], weights**2)
            ]
        )
    weight, clicks, squares = np.sum(parts, axis=0)
    overall = np.array(clicks.sum() / weight.sum())
    if rules.model == "popularity":
        of_items = clicks.sum(axis=0) + 1
        return np.tile(np.minimum(overall * of_items / of_items.mean(), MOST_CHANCE), (segments, 1))
    of_items = _shrunk(weight.sum(axis=0), clicks.sum(axis=0), squares.sum(axis=0), overall)
    return np.minimum(_shrunk(weight, clicks, squares, of_items), MOST_CHANCE)


def _training_rows(
    rows: Impressions, rules: Rules, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that a model learns from, and their weights, whose mean is 1."""
    every = np.arange(len(rows.item))
    if rules.learns == "explored":
        # Kept by the chance that a row was chosen evenly: so all that are kept are an even choice.
        least = (rows.propensity * (rows.candidates - rows.position + 1)).min()
        kept = every[random.random(len(every)) < rows.even * least]
        return kept, np.ones(len(kept))
    weights = np.ones(len(every)) if rules.clip is None else np.minimum(rows.even, rules.clip)
    return every, weights / weights.mean()


def _shrunk(
    weight: np.ndarray, clicks: np.ndarray, squares: np.ndarray, towards: np.ndarray
) -> np.ndarray:
    """Return rates shrunk towards others, as a gamma distribution of true rates asks.

    Of rows with a sum of weights, of weighted clicks and of squared weights. Its variance is what
    the rates vary beyond chance (method of moments).
    """
    shown = weight**2 / np.where(squares > 0, squares, 1)
    found = shown * clicks / np.where(weight > 0, weight, 1)
    expected = shown * towards
    beyond = ((found - expected) ** 2 - expected).sum() / (expected**2).sum()
    strength = 1 / np.clip(beyond, LEAST_SPREAD, MOST_SPREAD)
    return towards * (found + strength) / (expected + strength)


def _choose(
    scores: np.ndarray, rules: Rules, places: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the items of each slate and their propensities, both (slates, places)."""
    slates, items = len(scores), scores.shape[1]
    each, left = np.arange(slates), np.ones(scores.shape, bool)
    share = 1.0 if rules.learns == "even" else rules.share
    odds = np.power(np.nan_to_num(scores / (1 - scores), nan=1.0), 1 / (rules.temperature or 1))
    order = np.argsort(-odds, axis=1, kind="stable")[:, :places]
    shown, propensity = np.empty((slates, places), "int64"), np.empty((slates, places))
    for place in range(places):
        total = np.cumsum(odds * left, axis=1)
        if rules.temperature:
            best = (total > random.random(slates)[:, None] * total[:, -1:]).argmax(axis=1)
        else:
            best = order[each, np.take_along_axis(left, order, 1).argmax(axis=1)]
        explored = np.flatnonzero(random.random(slates) < share)
        noise = np.where(left[explored], random.random((len(explored), items)), -1)
        chosen = best.copy()
        chosen[explored] = noise.argmax(axis=1)
        by_odds = odds[each, chosen] / total[:, -1]
        by_model = by_odds if rules.temperature else chosen == best
        shown[:, place] = chosen
        propensity[:, place] = share / (items - place) + (1 - share) * by_model
        left[each, chosen] = False
    return shown, propensity


def _name(rules: Rules) -> str:
    if rules.learns == "even":
        return "even"
    by = f"softmax {rules.temperature:g}, " if rules.temperature else ""
    return f"{by}epsilon {rules.share:g}"
