"""The problem.toml of a new problem: the keys that matter, each with its meaning and its reason."""

import textwrap
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from shared.kinds import DEFAULT, METRICS, Kind, Metric
from shared.sections.columns import Csv
from shared.settings_text import settings_key, toml_value
from shared.starting.guessing.guess import DAY, Guess
from shared.starting.guessing.recipes import recipes
from shared.starting.guessing.targets import Target
from shared.starting.looking.csv_dialect import odd_texts
from shared.starting.looking.moments import EPOCHS
from shared.tables import storage
from shared.tables.storage import near_place
from shared.words import number_of

COLUMN, WIDTH = 43, 100
KINDS: dict[Kind, str] = {
    "binary": "true or false",
    "regression": "a number",
    "multiclass": "one of 3 to 50 classes",
    "ranking": "whether what was shown is clicked",
}
WITHOUT_TIME = (
    "The table has no time: these are shares of the rows in a random order (see source.py). The "
    "price: nobody knows how the model ages, and rows that belong together fall into both train "
    "and holdout, so that it may be worse in earnest than it looks here."
)
EXPLAINED = "docs/settings.md explains every key"


def settings_text(name: str, found: Guess, has_source: bool, query: str = "") -> str:
    """Return the text of a problem's settings, guessed ones with the reason as a comment.

    With a `query` the table is what IngestFlow makes of its answers.
    """
    what = _what(name, found, has_source, bool(query))
    parts = (what, _split(found), _candidates(found), _rest(found), _ingest(query))
    return "\n".join(line for part in parts for line in part) + "\n"


def _what(name: str, found: Guess, has_source: bool, is_queried: bool) -> Iterator[str]:
    target, look = found.target, found.look
    yield from _comment(
        f"What is {target.name}, judged from {number_of(len(found.features), 'column')} of "
        f"{Path(look.address).name}? Guessed by `millrace new` from "
        f"{number_of(look.rows, 'row')}: mend "
        f"what is wrong. {EXPLAINED}."
    )
    yield _line(f"name = {toml_value(name)}")
    yield _line(f"kind = {toml_value(target.kind)}", f"{KINDS[target.kind]}: {target.why}")
    if has_source:
        yield _line('source = "source:table"', "source.py adds what the table lacks")
    else:
        near, where = near_place(look.address), "here, or where one works; or on S3"
        if not near and not look.address.startswith(storage.S3):
            where = "on this machine: for others, put it into the project or on S3"
        said = f"filled by `make ingest PROBLEM={name}`" if is_queried else where
        yield _line(f"source = {toml_value(near or look.address)}", said)
    why = "no value comes twice; outcomes arrive by it"
    yield _line(
        f"key = {toml_value(found.key_name)}", why if found.key else "made by source.py: the row"
    )
    yield _line(f"time = {toml_value(found.time_name)}", _why_time(found))
    chosen = toml_value(target.name)
    if target.positive is not None:
        chosen = f"{{ name = {chosen}, positive = {toml_value(target.positive)} }}"
    yield _line(f"target = {chosen}", "what is to be predicted")
    yield from _features(found)
    yield _line(
        f"slices = {toml_value(found.slices)}", "evaluated one by one as well: few values each"
    )
    yield _line("baseline = []", "any model must beat the base rate by these; none: over all rows")
    yield _select_by(target)
    yield _line("seed = 0")


def _select_by(target: Target) -> str:
    chosen: Metric = "rmse" if target.mostly_same else DEFAULT[target.kind]
    others = ", ".join([each for each in METRICS[target.kind] if each != chosen][:3])
    why = f"on validation; or {others}, …"
    if target.mostly_same:
        why = "on validation; most rows have the same number, which no model beats by mae"
    return _line(f"select_by = {toml_value(chosen)}", why)


def _features(found: Guess) -> Iterator[str]:
    yield "features = ["
    for name in found.features:
        yield f"  {toml_value(name)},"
    yield "]"
    if found.time and not found.time.is_month:
        yield from _comment(
            f"The weekday or the hour of {found.time.name} is no feature by itself: where it may "
            "matter, make it a column, in the table or in source.py, and send it when asking."
        )
    for name, reason in found.left_out.items():
        yield from _comment(f"left out: {toml_value(name)}: {reason}")
    if found.left_out:
        yield "ignored = ["
        for name in found.left_out:
            yield f"  {toml_value(name)},"
        yield "]"
    for warning in found.warnings:
        yield from _comment(f"beware: {warning}")


def _split(found: Guess) -> Iterator[str]:
    yield ""
    if not found.borders:
        yield "[split]"
        yield from _comment(WITHOUT_TIME)
        yield "validation_share = 0.2"
        yield "holdout_share = 0.2"
        return
    shares = ", ".join(f"{share:.0%}" for share in found.borders.shares)
    yield _line("[split]", f"dates in UTC: {shares} of the rows with an outcome")
    yield f"start = {_moment(found.borders.start)}"
    yield f"validation = {_moment(found.borders.validation)}"
    days = round((found.borders.end - found.borders.holdout) / timedelta(days=1))
    if days:
        yield from _comment(
            "The holdout judges, and teaches nothing: trained anew, a model learns of a change "
            f"{number_of(days, 'day')} later."
        )
    yield f"holdout = {_moment(found.borders.holdout)}"
    yield f"end = {_moment(found.borders.end)}"


def _candidates(found: Guess) -> Iterator[str]:
    for recipe in recipes(found):
        yield ""
        yield _line("[[candidates]]", recipe.why)
        yield f"name = {toml_value(recipe.name)}"
        yield f"estimator = {toml_value(recipe.estimator)}"
        yield f"preprocessing = {toml_value(recipe.preprocessing)}"
        if recipe.params:
            yield f"params = {toml_value(recipe.params)}"
    yield from _search_and_weights()


def _search_and_weights() -> Iterator[str]:
    yield ""
    yield _line("# [search.boosting]", "other parameters of it, each a trial on the leaderboard")
    yield _line("# trials = 20", 'by chance; or method = "grid", "halving"')
    yield "# parameters.learning_rate = { low = 0.01, high = 0.3, log = true }"
    yield "# parameters.max_leaf_nodes = [7, 15, 31, 63]"
    yield ""
    yield _line("# [train]", "rows count alike when a model learns, or in proportion to")
    yield _line('# weigh_by = "…"', "a column's number, which is no feature then")


def _rest(found: Guess) -> Iterator[str]:
    yield ""
    yield _line("[gates]", "all must hold on the holdout before packaging")
    yield _line("beat_baseline = true", "on the same rows, at 95%")
    yield "# minimum = { … }, maximum = { … }: of any metric"
    yield ""
    rows = number_of(found.window_rows, "row")
    yield _line("[monitor]", f"a window holds about {rows}")
    said = "" if found.time else ": of made-up days, set it by what arrives"
    yield _line(f"window_days = {found.window_days:g}", f"how much is judged at once{said}")
    none_lacks = "set it, each row here has one"
    delay = "rows of the last days have none" if found.delay_days else none_lacks
    yield _line(f"outcome_delay_days = {found.delay_days}", f"until outcomes arrive: {delay}")
    for key, fewest in (("minimum_rows", 100), ("minimum_outcomes", 200)):
        if found.window_rows < 1.7 * fewest:
            least = max(5, int(0.6 * found.window_rows))
            yield _line(f"{key} = {min(fewest, least)}", "with fewer, a window is not judged")
    yield from _csv(found.look.csv)
    yield from _contract(found)


def _ingest(query: str) -> Iterator[str]:
    if query:
        yield ""
        how = "new rows" if ":since" in query else "all rows each time; with >= :since, new ones"
        yield _line("[ingest]", f"of the database in MILLRACE_SOURCE: {how}")
        yield f"query = {toml_value(query)}"


def _contract(found: Guess) -> Iterator[str]:
    lines = []
    meanings = {"key": "name and place in it", "time": "when it is read"}
    for role, name in found.made.items():
        what = f"of a newer file: {meanings[role]}"
        lines.append(_line(f"{settings_key(name)} = {{ made = true }}", what))
    if found.time and found.time.format:
        form = f"{settings_key(found.time.name)} = {{ format = {toml_value(found.time.format)} }}"
        is_number = found.time.format in EPOCHS
        lines.append(_line(form, "since 1970" if is_number else "how its texts are written"))
    for name in found.features:
        if odd := odd_texts(found.look.sample[name], found.look.csv):
            meaning = f"codes, such as {odd[0]!r}; number, where that is a mistake"
            lines.append(_line(f'{settings_key(name)} = {{ type = "category" }}', meaning))
    if lines:
        yield ""
        yield _line("[contract]", "the rest is inferred; its ranges refuse no row")
        yield from lines


def _csv(csv: Csv) -> Iterator[str]:
    said = csv.model_dump(exclude_defaults=True)
    if said:
        yield ""
        yield _line("[csv]", "how the file is written, as its bytes and first lines show")
    for key, value in said.items():
        yield f"{key} = {toml_value(value)}"


def _why_time(found: Guess) -> str:
    time = found.time
    if time is None:
        return "made up by source.py: the table has none"
    if time.format in EPOCHS:
        return f"numbers ({time.format} since 1970); UTC"
    return f"{f'texts like {time.format}' if time.format else 'ISO 8601 or a type of time'}; UTC"


def _moment(moment: datetime) -> str:
    if moment.timestamp() % DAY == 0:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _line(setting: str, meaning: str = "") -> str:
    """Return a setting and its meaning beside it, or above where both are too long for a line."""
    if not meaning:
        return setting
    beside = f"{setting:<{COLUMN - 1}} # {meaning}"
    return beside if len(beside) <= WIDTH else "\n".join([*_comment(meaning), setting])


def _comment(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ")
