"""IngestFlow: new rows from where they arise into the problem's table by day."""

from metaflow import (
    FlowSpec,
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
from shared.settings_reading import typed_settings


@schedule(cron=config_expr("settings.ingest.schedule"), daily=False, timezone="UTC")
@project(name=config_expr("settings.name"))
@run_sent_by(send_run)
@own_code
@parquet_frames
class IngestFlow(FlowSpec):
    """Bring rows into the table by day; those that are there already change nothing."""

    settings = problem_config()

    @step(start=True)
    @one_line_refusals
    def plan(self) -> None:
        """Look at the origin and at the table, and cut what is to be read."""
        from shared.ingestion import plan

        settings = typed_settings(self.settings)
        champion = plan.champion_contract(settings)
        self.planned = plan.plan_ingest(settings, current.run_id, champion)
        self.parts = list(self.planned.parts)
        self.next(self.read, foreach="parts")

    @resources(**config_expr("settings.resources.ingest"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    def read(self) -> None:
        """Read a part of the origin, check each row against the contract, and stage it by day."""
        from shared.ingestion import read

        self.rows_read = read.stage_part(self.planned, self.input, typed_settings(self.settings))
        self.next(self.gather)

    @step
    @one_line_refusals
    def gather(self, parts: list["IngestFlow"]) -> None:
        """Add up what was read."""
        from shared.ingestion import reconcile

        self.planned = parts[0].planned
        self.rows_read = reconcile.total_read([task.rows_read for task in parts])
        self.next(self.distribute)

    @step
    @one_line_refusals
    def distribute(self) -> None:
        """Share the staged days out."""
        from shared.ingestion import reconcile

        self.merge_parts = reconcile.merge_parts(self.rows_read, typed_settings(self.settings))
        self.next(self.merge, foreach="merge_parts")

    @resources(**config_expr("settings.resources.ingest"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    def merge(self) -> None:
        """Merge some days' rows into the table by their keys, in one commit."""
        from shared.ingestion import reconcile

        self.merged = reconcile.merge_part(self.planned, self.input, typed_settings(self.settings))
        self.next(self.join)

    @step
    @one_line_refusals
    def join(self, merges: list["IngestFlow"]) -> None:
        """Bring together what became of the rows."""
        self.planned, self.rows_read = merges[0].planned, merges[0].rows_read
        self.merges = [task.merged for task in merges]
        self.next(self.reconcile)

    @card(type=FINAL, id="ingest")
    @step
    @one_line_refusals
    def reconcile(self) -> None:
        """Add everything up: each row that was read is in the table, or rejected."""
        from shared.ingestion import cards, reconcile

        result = reconcile.ingest_result(self.planned, self.rows_read, self.merges)
        self.ingested = result.plain()
        current.card.extend(cards.ingest(result))
        print(cards.words(result))
        print(f"table {result.table}, version {result.version}")
        if result.rejected:
            print(f"rejected rows and their reasons: {result.rejected_rows}")
        self.next(self.end)

    @step(end=True)
    @one_line_refusals
    def end(self) -> None:
        """Fail where every row was rejected; the card says which, and why."""
        from shared import problem_commands
        from shared.ingestion import reconcile

        reconcile.refuse_all_rejected(reconcile.IngestResult.model_validate(self.ingested))
        newest = "ARGS='--data latest'"
        next_command.say(f"next: {problem_commands.make_command('train', newest)}")


if __name__ == "__main__":
    next_command.print_at_end()
    IngestFlow()
