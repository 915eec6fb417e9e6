"""ScoreFlow: a whole table answered by a bundle, a file for each partition."""

from metaflow import (
    FlowSpec,
    Parameter,
    card,
    config_expr,
    current,
    project,
    resources,
    schedule,
    step,
    timeout,
)

from shared import next_command
from shared.artifacts import parquet_frames
from shared.errors import one_line_refusals
from shared.events.run_events import run_sent_by, send_run
from shared.final_cards import FINAL
from shared.flow_settings import own_code, problem_config
from shared.model.step_imports import with_model_reader
from shared.settings_reading import typed_settings


@schedule(cron=config_expr("settings.score.schedule"), daily=False, timezone="UTC")
@project(name=config_expr("settings.name"))
@run_sent_by(send_run)
@own_code
@parquet_frames
class ScoreFlow(FlowSpec):
    """Answer the partitions of a table that a bundle has not answered yet as they are now."""

    settings = problem_config()
    bundle = Parameter(
        "bundle", help="a digest, PackageFlow/RUN, or a folder (default: the champion)"
    )
    table = Parameter("table", help="a folder here or on S3 (default: as the settings say)")
    data = Parameter("data", help="a version of the table (default: the newest)")
    output = Parameter("output", help="where the answers go (default: beside the table)")
    explain = Parameter(
        "explain", type=bool, default=False, help="what each feature adds, beside each answer"
    )

    @step(start=True)
    @one_line_refusals
    def plan(self) -> None:
        """Open the deployed bundle, and share out what it has not answered."""
        from shared.lineage import bundles
        from shared.scoring import partitions

        settings = typed_settings(self.settings)
        bundle = bundles.deployed(settings, self.bundle)
        wanted = (self.table, self.data, self.output, self.explain)
        self.planned = partitions.plan(settings, bundle, *wanted)
        self.parts = list(range(len(self.planned.parts)))
        self.next(self.score, foreach="parts")

    @resources(**config_expr("settings.resources.score"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    @with_model_reader
    def score(self) -> None:
        """Answer some partitions, one after another, in batches."""
        from shared.lineage import bundles
        from shared.scoring import score

        settings = typed_settings(self.settings)
        bundle = bundles.deployed(settings, self.bundle or self.planned.digest)
        part = self.planned.parts[self.input]
        self.scored = score.score(self.planned, part, bundle, settings, score.Progress(part))
        self.next(self.join)

    @step
    @one_line_refusals
    def join(self, scores: list["ScoreFlow"]) -> None:
        """Bring together what became of the rows."""
        self.planned = scores[0].planned
        self.scored = [partition for task in scores for partition in task.scored]
        self.next(self.reconcile)

    @card(type=FINAL, id="score")
    @step(end=True)
    @one_line_refusals
    def reconcile(self) -> None:
        """Add everything up: each row of the table is answered, or refused."""
        from shared import problem_commands
        from shared.scoring import cards, reconcile

        result = reconcile.score_result(self.planned, self.scored)
        self.answered = result.plain()
        current.card.extend(cards.score(result))
        print(cards.words(result))
        print(f"answers: {result.output}")
        if result.refused:
            print(f"refused rows and their reasons: {result.refused_rows}")
        window = f"ARGS='--window {result.output}'"
        next_command.say(f"next: {problem_commands.make_command('monitor', window)}")


if __name__ == "__main__":
    next_command.print_at_end()
    ScoreFlow()
