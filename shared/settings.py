"""The one typed settings object: what is predicted from what, and how that is judged."""

from collections import Counter
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    field_validator,
    model_validator,
)

from shared.kinds import (
    ACTION_NAMES,
    ANSWER_NAMES,
    DEFAULT,
    INTERVAL_METRICS,
    INTERVAL_NAMES,
    KINDS_OF_KEY,
    METRICS,
    SECTION_OF_KIND,
    TARGET_TYPES,
    Kind,
    Metric,
)
from shared.log_columns import RESERVED_COLUMNS
from shared.sections.answers import Action, Explore, Interval, Slates
from shared.sections.columns import Column, Csv
from shared.sections.operation import (
    Events,
    Ingest,
    Monitor,
    Package,
    Resources,
    Review,
    Score,
    Serve,
)
from shared.sections.section import Section, Seed, Share
from shared.sections.training import Candidate, Gates, Search, Split, Train
from shared.words import nearest_name

# What JSON escapes, or SQL quotes.
NOT_IN_NAMES = frozenset({'"', "\\", *map(chr, range(32)), "\x7f"})
# What settings say of other flows than TrainFlow, and of the server: no part of a model.
OF_OTHER_FLOWS = frozenset(
    {"ignored", "package", "review", "monitor", "resources", "ingest", "score", "serve", "events"}
)
# Metaflow runs no more beside each other of one step.
MOST_TASKS = 100


class Settings(Section):
    """A problem: everything about it that is reviewed in a diff."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
    """What the problem is called: in runs, in the log, and in addresses."""
    kind: Kind = "binary"
    """What kind of answer the target asks for."""
    source: str
    """The rows: a Parquet or CSV file, a folder of them such as a Delta table, here or on S3, or a
    function, such as `source:table` of source.py in the problem's folder."""
    key: str
    """The column that tells rows apart; outcomes arrive by it."""
    time: str
    """The column with the moment of each row (UTC)."""
    target: str
    """The column that is predicted; or `{ name = "…", positive = "…" }` where it has two texts of
    its own."""
    positive: str | None = None
    """Of such a target, the text that is true."""
    features: Annotated[tuple[str, ...], Field(min_length=1)]
    """The columns that the answer is made of."""
    ignored: tuple[str, ...] = ()
    """Further columns of the table that are left out on purpose: of these, unlike of others, no
    monitor says that the contract has none."""
    slices: tuple[str, ...] = ()
    """Features whose values are evaluated one by one as well."""
    baseline: tuple[str, ...] = ()
    """Features by which the base rate is taken that any model must beat."""
    candidates: Annotated[tuple[Candidate, ...], Field(min_length=1)]
    """The models that take part."""
    search: dict[str, Search] = {}
    """Other parameters of candidates, tried as well."""
    select_by: Metric = "log_loss"
    """The metric that candidates are compared by on validation; left out, log loss or MAE, by the
    kind."""
    threshold: Literal["best_f1"] | Share = "best_f1"
    """From which probability on the answer is true: the best on validation, or a number."""
    # Of a class where another is true: true class, answered class, cost.
    costs: dict[str, dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]]] = {}
    """What it costs to answer one class where another is true, such as `late = { "on time" = 2 }`;
    left out, 1."""
    interval: Interval | None = None
    """Of a number: whether each answer has a `low` and a `high`."""
    ranking: Slates | None = None
    """Of impressions: which columns say what was shown to whom."""
    explore: Explore = Explore()
    """Of impressions: how slates leave the order of the scores."""
    action: Action | None = None
    """Of a target that is true or false: which prediction is acted on, so that its outcome is never
    seen."""
    train: Train = Train()
    """How many rows models learn from; of impressions, and with [action], how much they count."""
    seed: Seed = 0
    """What chance is drawn from: the same seed gives the same model."""
    split: Split = Split()
    """Where train, validation and holdout meet."""
    gates: Gates = Gates()
    """What a model must show before it may be packaged."""
    package: Package = Package()
    """What goes into a bundle."""
    review: Review = Review()
    """Whose decisions count."""
    monitor: Monitor = Monitor()
    """What a window is, and what it is judged by."""
    resources: Resources = Resources()
    """What tasks get on a cluster."""
    ingest: Ingest = Ingest()
    """New rows, into a table by day."""
    score: Score = Score()
    """Whole tables, answered."""
    serve: Serve = Serve()
    """How much one request may ask."""
    events: Events = Events()
    """Who is sent word of what happened."""
    csv: Csv = Csv()
    """How CSV files are written."""
    contract: dict[str, Column] = {}
    """What the columns must keep to; the rest is inferred."""

    @model_validator(mode="before")
    @classmethod
    def _target_of_two_texts(cls, values: Any) -> Any:
        """Take `target = { name = …, positive = … }` for a target whose texts are its own."""
        target = values.get("target") if isinstance(values, dict) else None
        if not isinstance(target, dict):
            return values
        if {*target} - {"name", "positive"} or "name" not in target:
            raise ValueError(
                f'target = {target}: give a column, or {{ name = "…", positive = "…" }}'
            )
        return {**values, "target": target["name"], "positive": target.get("positive")}

    @model_validator(mode="before")
    @classmethod
    def _chosen_by_kind(cls, values: Any) -> Any:
        """Choose and compare models by the metric that is usual for the kind of answer."""
        default = isinstance(values, dict) and DEFAULT.get(values.get("kind", "binary"))
        if not default:
            return values
        gates = values.get("gates", {})
        if isinstance(gates, dict) and not {"compare_by", "rivals_by"} & {*gates}:
            gates = {**gates, "compare_by": default}
        return {"select_by": default, **values, "gates": gates}

    @field_validator("candidates")
    @classmethod
    def _named_once(cls, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        names = [candidate.name for candidate in candidates]
        if repeated := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"candidates must have different names; repeated: {sorted(repeated)}")
        return candidates

    @model_validator(mode="after")
    def _searches_are_of_candidates(self) -> Self:
        names = {candidate.name for candidate in self.candidates}
        given = {candidate.name for candidate in self.candidates if candidate.model}
        for name, search in self.search.items():
            if name not in names:
                raise ValueError(f"search names {name!r}{nearest_name(name, names)}")
            if name in given:
                raise ValueError(f"search.{name}: that 'model' is fitted already")
            if taken := sorted(names.intersection(search.names(name))):
                raise ValueError(f"candidates {taken} are named as trials of {name!r}: rename them")
        tasks = len(names) + sum(search.number_of_tasks for search in self.search.values())
        if tasks > MOST_TASKS:
            raise ValueError(
                f"candidates and searches make {tasks} tasks, and a step has at most {MOST_TASKS}: "
                "lower 'tasks' in [search]"
            )
        return self

    @model_validator(mode="after")
    def _names_can_be_kept(self) -> Self:
        names = (self.key, self.time, self.target, *self.features, *self.others)
        if odd := [name for name in names if not name or set(name) & NOT_IN_NAMES]:
            raise ValueError(
                f"columns {odd} are empty, or hold quotes, backslashes or control characters, "
                "which neither a request nor a database has in a name: rename them in the source"
            )
        by_lower = Counter(name.casefold() for name in {*names})
        if alike := [name for name in dict.fromkeys(names) if by_lower[name.casefold()] > 1]:
            raise ValueError(f"columns {alike} differ only in case: rename them in the source")
        return self

    @property
    def _metrics(self) -> tuple[Metric, ...]:
        """The metrics that its answers have."""
        if self.interval:
            return METRICS[self.kind]
        return tuple(name for name in METRICS[self.kind] if name not in INTERVAL_METRICS)

    @model_validator(mode="after")
    def _metrics_of_kind(self) -> Self:
        named = {"select_by": [self.select_by], "gates.compare_by": [self.gates.compare_by]}
        named |= {"gates.minimum": [*self.gates.minimum], "gates.maximum": [*self.gates.maximum]}
        for where, metrics in named.items():
            for metric in metrics:
                if metric not in self._metrics:
                    more = " without [interval]" if metric in METRICS[self.kind] else ""
                    raise ValueError(
                        f"{where} names {metric!r}, which is no metric of a {self.kind} target"
                        f"{more}{nearest_name(metric, {*self._metrics})}"
                    )
        return self

    @model_validator(mode="after")
    def _decided_by_kind(self) -> Self:
        """Refuse what decides answers of another kind."""
        for name, kinds in KINDS_OF_KEY.items():
            default = type(self).model_fields[name].default
            if getattr(self, name) != default and self.kind not in kinds:
                known = " or ".join(f'"{kind}"' for kind in kinds)
                raise ValueError(f"{name} is for kind = {known}, and this one is {self.kind!r}")
        weigh_by = self.train.weigh_by
        if self.train != Train(rows=self.train.rows, weigh_by=weigh_by) and not self.propensity:
            raise ValueError(
                'train weighs rows by their propensity, which they have with kind = "ranking" or '
                f"[action], and this one is {self.kind!r} without; by a column: weigh_by"
            )
        if weigh_by and self.propensity:
            raise ValueError(
                f"train.weigh_by names {weigh_by!r}, and rows with a propensity are weighed by "
                'that (weights = "inverse_propensity") or alike: leave weigh_by out'
            )
        return self

    @model_validator(mode="after")
    def _ranking_is_whole(self) -> Self:
        """Refuse impressions of which nothing says who saw what, and columns out of their place."""
        if self.kind in SECTION_OF_KIND and getattr(self, SECTION_OF_KIND[self.kind]) is None:
            raise ValueError(
                f'kind = "{self.kind}" needs [{SECTION_OF_KIND[self.kind]}], which names the '
                "features of the user and of the item, and the columns of slate and position"
            )
        if not self.ranking:
            return self
        features = {*self.features}
        for name in (self.ranking.user, self.ranking.item):
            if name not in features:
                raise ValueError(f"ranking names {name!r}{nearest_name(name, features)}")
        if taken := sorted({"slate", "k", "candidates"} & {self.time, *features}):
            raise ValueError(f"{taken} are what a request for a slate says beside its columns")
        if leaked := sorted({*self.ranking.columns} & features):
            raise ValueError(
                f"{leaked} cannot be features: where something is shown, and with which chance, is "
                "known only when the model has answered"
            )
        if twice := sorted({*self.ranking.columns} & {self.key, self.time, self.target}):
            raise ValueError(f"ranking names {twice}, which are key, time or target already")
        return self

    @property
    def propensity(self) -> str | None:
        """The table's column with the chance that a row had to be seen; the table may lack it."""
        said = self.ranking or self.action
        return said.propensity if said else None

    @property
    def weighed_by(self) -> str | None:
        """The table's column by which rows count when a model learns; None where they do alike."""
        return self.train.weigh_by if self.train.weights == "none" else self.propensity

    @property
    def base_rate_by(self) -> tuple[str, ...]:
        """The features by which the base rate is taken; of impressions, left out, the item."""
        return self.baseline or ((self.ranking.item,) if self.ranking else ())

    @property
    def others(self) -> dict[str, Literal["text", "integer", "number"]]:
        """The types of the table's columns beside key, time, features and target."""
        if self.action:
            return {self.action.propensity: "number"}
        if self.train.weigh_by:
            return {self.train.weigh_by: "number"}
        return self.ranking.columns if self.ranking else {}

    @model_validator(mode="after")
    def _columns_known(self) -> Self:
        special = {self.key, self.time, self.target}
        if len(special) < 3:
            raise ValueError("key, time and target must be different columns")
        if twice := sorted(n for n, count in Counter(self.features).items() if count > 1):
            raise ValueError(f"features names {twice} more than once")
        if leaked := special & set(self.features):
            raise ValueError(
                f"{sorted(leaked)} cannot be features, as they are named as the key, time or target"
            )
        if self.action and self.action.propensity in special | set(self.features):
            raise ValueError(
                f"action names {self.action.propensity!r} as the column of propensities, which is "
                "key, time, target or a feature already"
            )
        if self.train.weigh_by in special | set(self.features):
            raise ValueError(
                f"train.weigh_by names {self.train.weigh_by!r}, which is key, time, target or a "
                "feature already: what rows weigh is no part of what is answered"
            )
        answered = ANSWER_NAMES[self.kind] | (INTERVAL_NAMES if self.interval else frozenset())
        answered |= ACTION_NAMES if self.action else frozenset()
        if reserved := (RESERVED_COLUMNS | answered) & set(self.features):
            raise ValueError(f"the prediction log has columns of its own named {sorted(reserved)}")
        used = special.union(self.features, self.others)
        if twice := sorted(used.intersection(self.ignored)):
            raise ValueError(f"ignored names {twice}, which are key, time, target or in use")
        if repeated := sorted(n for n, count in Counter(self.ignored).items() if count > 1):
            raise ValueError(f"ignored names {repeated} more than once")
        parts = {"slices": self.slices, "baseline": self.baseline, "contract": self.contract}
        parts["interval.by"] = self.interval.by if self.interval else ()
        for part, named in parts.items():
            known = {*self.features}
            known |= {*special, *self.others} if part == "contract" else set()
            for name in named:
                if name not in known:
                    raise ValueError(f"{part} names {name!r}{nearest_name(name, known)}")
        return self

    @model_validator(mode="after")
    def _contract_fits(self) -> Self:
        """Refuse what [contract] says of a column that no such column has."""
        types = {self.key: ("text", "integer"), self.time: ("time",)}
        types |= {self.target: (TARGET_TYPES[self.kind],)}
        for name, said in self.contract.items():
            if name in types and (
                fault := said.fault_as(types[name], is_needed=name != self.target)
            ):
                raise ValueError(f"contract.{name} is the key, time or target: {fault}")
            if said.made and name not in (self.key, self.time):
                raise ValueError(
                    f"contract.{name} has made = true, and only a key or a time can be made"
                )
        return self
