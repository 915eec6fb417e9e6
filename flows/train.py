"""TrainFlow: from a source table to a model that was judged on rows it never saw."""

from metaflow import (
    FlowSpec,
    Parameter,
    card,
    config_expr,
    current,
    namespaced_event_name,
    project,
    resources,
    step,
    timeout,
    trigger,
)

from shared import next_command
from shared.artifacts import parquet_frames, reads_only
from shared.errors import one_line_refusals
from shared.events.run_events import run_sent_by, send_run
from shared.final_cards import FINAL
from shared.flow_settings import own_code, problem_config
from shared.model.step_imports import with_estimators
from shared.settings_reading import typed_settings, with_given


@trigger(
    event={
        "name": namespaced_event_name("retrain"),
        "parameters": {"until": "until", "served": "served"},
    }
)
@project(name=config_expr("settings.name"))
@run_sent_by(send_run)
@own_code
@parquet_frames
class TrainFlow(FlowSpec):
    """Train every candidate of a problem, choose one, and judge it on held-out rows."""

    settings = problem_config()
    data = Parameter(
        "data",
        help="read the table that IngestFlow fills, at a version or 'latest', instead of `source`",
    )
    until = Parameter("until", help="move the split in time, so that it ends here (an ISO time)")
    served = Parameter(
        "served",
        type=bool,
        default=False,
        help="learn from rows of the prediction log, too, that have an outcome",
    )

    reuse = Parameter(
        "reuse",
        help="a run of TrainFlow: what it has fitted of the same rows and settings is not fitted "
        "again (`millrace resume` sets it)",
    )

    given = Parameter(
        "model",
        help="judge this model, which was fitted elsewhere (a skops file, or an MLflow model's "
        "folder), instead of the candidates",
    )

    @card(type=FINAL, id="data")
    @resources(**config_expr("settings.resources.train"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step(start=True)
    @one_line_refusals
    @with_estimators
    def load(self) -> None:
        """Read the source, and check it against its contract."""
        from shared.tasks.choice import task_of
        from shared.training import cards, pinned, readiness, sampling, splits, table
        from shared.training.fitting import candidates

        settings = with_given(typed_settings(self.settings), self.given)
        problems = readiness.refuse_unready(settings, self.reuse)
        self.source = pinned.pin(settings, self.data)
        unread = pinned.unread_words(settings, self.source)
        self.sampled = sampling.sample(settings, self.source)
        words = [*problems, unread, candidates.learning_words(self.sampled, settings)]
        print("".join(f"{line}\n" for line in words if line), end="")
        read = self.source, self.sampled
        rows, self.contract, self.violations = table.load(settings, *read, served=self.served)
        self.facts = table.facts(rows, task_of(self.contract), settings, *read)
        self.table = splits.within_span(rows, settings, self.until)
        self.labels = splits.labels(self.table, self.contract)
        current.card.extend(cards.data(self.facts, self.violations, unread))
        self.next(self.split)

    @card(type=FINAL, id="split")
    @resources(**config_expr("settings.resources.train"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    @reads_only("labels")
    def split(self) -> None:
        """Stop at a broken contract; else cut the rows into spans of time."""
        from shared import utc
        from shared.tasks.choice import task_of
        from shared.training import cards, contract_checks, splits
        from shared.training.fitting import trials

        contract_checks.refuse_broken(self.violations)
        until = utc.parse_time(self.until, "--until")
        settings = with_given(typed_settings(self.settings), self.given)
        settings = splits.moved(settings, until)
        self.places = splits.places(self.labels, task_of(self.contract), settings)
        spans = splits.spans(self.labels, self.places, self.contract, settings)
        current.card.extend(cards.parts(spans))
        self.fits = trials.fit_tasks(settings)
        self.next(self.fit, foreach="fits")

    @card(type="blank", id="leaderboard")
    @resources(**config_expr("settings.resources.train"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @with_estimators
    @reads_only("table", "places")
    def fit(self) -> None:
        """Fit a candidate, or trials of a search, on train and score each on validation."""
        from shared.training import live, splits, whole_table
        from shared.training.fitting import earlier_fits, fits

        settings = with_given(typed_settings(self.settings), self.given)
        earlier = earlier_fits.earlier_fits(self.reuse, settings)
        parts = splits.cut(self.table, self.places, self.contract)
        about = parts, self.facts["fingerprint"], self.contract, settings, earlier
        read = self.source, self.sampled, self.contract, settings
        whole = whole_table.whole_table(*read, served=self.served)
        siblings = f"{current.flow_name}/{current.run_id}/{current.step_name}"
        with live.leaderboard(current.card, siblings, settings):
            self.results = fits.fit_task(self.input, fits.Learnable(*about, whole))
        self.next(self.select)

    @card(type=FINAL, id="leaderboard")
    @resources(**config_expr("settings.resources.train"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    @with_estimators
    @reads_only("table", "places")
    def select(self, entries: list["TrainFlow"]) -> None:
        """Choose the best candidate on validation, and refit it on train and validation."""
        from shared.training import cards, splits, whole_table
        from shared.training.fitting import candidates, earlier_fits

        self.contract, self.sampled = entries[0].contract, entries[0].sampled
        self.merge_artifacts(entries, include=["table", "places", "facts", "source"])
        settings = with_given(typed_settings(self.settings), self.given)
        results = [{**r, "given": None, "before": {}} for entry in entries for r in entry.results]
        ranked = candidates.ranked(results, settings)
        self.leaderboard = [{**result, "measured": None} for result in ranked]
        current.card.extend(cards.leaderboard(ranked, settings, done=True))
        self.chosen = candidates.winner(ranked)
        self.model = earlier_fits.earlier_fits(self.reuse, settings).model(self.chosen["made_of"])
        if self.model is None:
            given = self.contract, settings
            whole = whole_table.whole_table(self.source, self.sampled, *given, served=self.served)
            parts = splits.cut(self.table, splits.with_seen(self.places), self.contract)
            self.model = candidates.refit_chosen(self.chosen, parts, *given, whole)
        self.next(self.evaluate)

    @card(type=FINAL, id="evaluation")
    @resources(**config_expr("settings.resources.train"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step(end=True)
    @one_line_refusals
    @with_estimators
    @reads_only("table", "places", "model")
    def evaluate(self) -> None:
        """Judge the model on the holdout, beside the baseline and the champion."""
        from shared.lineage import bundles, windows
        from shared.training import evaluation_card, history_baseline, judgement, unseen_loss

        settings = with_given(typed_settings(self.settings), self.given)
        parts = judgement.parts_to_judge(self.table, self.places, self.contract, settings)
        fitted = (self.model, self.chosen, parts, self.table, self.contract)
        learnt = self.model, self.chosen["rule"], self.table, self.contract, settings, self.facts
        with history_baseline.learning(*learnt) as baseline:
            champion = bundles.champion(settings)
            judged = judgement.judge(*fitted, champion, settings, self.facts)
            rows = unseen_loss.RowsRead(parts, settings, self.until, self.served)
            verdicts = windows.verdicts(settings.name)
            noted = unseen_loss.noted(judged.evaluation, rows, champion, verdicts)
            current.card.extend(evaluation_card.evaluation(noted, self.contract))
        self.evaluation, self.baseline = noted.plain(), baseline.result()
        self.reference, self.golden = judged.reference, judged.golden
        next_command.say(*evaluation_card.closing_words(self.leaderboard, noted, current.run_id))


if __name__ == "__main__":
    next_command.print_at_end()
    TrainFlow()
