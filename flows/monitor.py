"""MonitorFlow: from a window of production traffic to a verdict, its reasons, and reports."""

from metaflow import (
    FlowSpec,
    Parameter,
    card,
    config_expr,
    current,
    namespaced_event_name,
    project,
    resources,
    retry,
    schedule,
    step,
    timeout,
)
from metaflow.integrations import ArgoEvent

from shared import next_command
from shared.artifacts import parquet_frames
from shared.errors import one_line_refusals
from shared.events.run_events import run_sent_by, send_run
from shared.final_cards import FINAL, PAGE
from shared.flow_settings import on_argo, own_code, problem_config
from shared.model.lean_imports import import_model_reader
from shared.model.step_imports import with_model_reader
from shared.settings_reading import typed_settings


@schedule(cron=config_expr("settings.monitor.schedule"), daily=False, timezone="UTC")
@project(name=config_expr("settings.name"))
@run_sent_by(send_run)
@own_code
@parquet_frames
class MonitorFlow(FlowSpec):
    """Judge what a bundle answered in a window of time, beside the reference that it carries."""

    settings = problem_config()
    bundle = Parameter(
        "bundle", help="a digest, PackageFlow/RUN, or a folder (default: the champion)"
    )
    until = Parameter("until", help="end of the window, an ISO time (default: the newest row)")
    file = Parameter("window", help="a .parquet or .csv file, or a folder of them, not the log")

    @step(start=True)
    @one_line_refusals
    def plan(self) -> None:
        """Open the deployed bundle, and cut the window into parts."""
        from shared.lineage import bundles
        from shared.monitoring.windows import scope

        settings = typed_settings(self.settings)
        bundle = bundles.deployed(settings, self.bundle)
        self.digest = bundle.digest
        self.scope = scope.plan(settings, bundle, self.until, self.file)
        self.parts = list(self.scope.parts)
        self.next(self.profile, foreach="parts")

    @resources(**config_expr("settings.resources.monitor"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    def profile(self) -> None:
        """Profile one part of the window, in a pass over its rows."""
        from shared.lineage import bundles
        from shared.monitoring.windows.reading import WindowReader

        settings = typed_settings(self.settings)
        bundle = bundles.deployed(settings, self.bundle or self.digest)
        if self.file:
            # The model answers what a file has no answers to.
            import_model_reader()
        self.part = WindowReader(self.scope, bundle, settings).read_part(self.input)
        self.next(self.judge)

    @card(type=FINAL, id="summary")
    @resources(**config_expr("settings.resources.monitor"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    @with_model_reader
    def judge(self, profiled: list["MonitorFlow"]) -> None:
        """Add the parts up, and compare the window with the baseline of the problem."""
        from shared.lineage import bundles, windows
        from shared.monitoring import cards, findings, incidents, judge, reason_rows, window
        from shared.monitoring.case import Case

        self.merge_artifacts(profiled, include=["digest", "scope"])
        settings = typed_settings(self.settings)
        bundle = bundles.deployed(settings, self.bundle or self.digest)
        self.window = window.total(task.part for task in profiled)
        case = Case(self.window, self.scope, bundle, settings)
        self.findings = findings.find(case)
        earlier = windows.verdicts(settings.name)
        verdict = incidents.follow(judge.judge(case, self.findings, earlier), earlier)
        self.verdict = verdict.plain()
        self.reason_rows = reason_rows.find(verdict, case)
        current.card.extend(cards.summary(case, self.findings, verdict, earlier))
        current.card.extend(cards.links(current.run_id, self.reason_rows, case))
        self.next(self.report)

    @card(type=PAGE, id="data_summary", options={"attribute": "data_summary"})
    @card(type=PAGE, id="data_drift", options={"attribute": "data_drift"})
    @card(type=PAGE, id="quality", options={"attribute": "quality"})
    @resources(**config_expr("settings.resources.monitor"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    def report(self) -> None:
        """Draw Evidently's reports on a sample, each a card of its own."""
        from shared.lineage import bundles
        from shared.monitoring import drill_down
        from shared.monitoring.case import Case

        settings = typed_settings(self.settings)
        bundle = bundles.deployed(settings, self.bundle or self.digest)
        case = Case(self.window, self.scope, bundle, settings)
        pages = drill_down.write(case, self.findings)
        self.data_summary, self.data_drift = pages.data_summary, pages.data_drift
        self.quality = pages.quality
        self.next(self.act)

    @card(type=FINAL, id="alerts")
    @retry(times=0)
    @step(end=True)
    @one_line_refusals
    def act(self) -> None:
        """Alert people to what is new, call for training, and print the verdict."""
        from shared.events import announce
        from shared.model.verdict import read_verdict
        from shared.monitoring import cards, incidents, news

        settings, verdict = typed_settings(self.settings), read_verdict(self.verdict)
        self.alerts, self.events = news.send(settings, verdict, announce.origin())
        current.card.extend(cards.alerts(verdict, self.alerts, self.events))
        self.retrain = incidents.calls_for_training(verdict)
        # Elsewhere it is `millrace watch` that trains.
        if self.retrain and on_argo():
            event = ArgoEvent(namespaced_event_name("retrain"))
            event.safe_publish({"until": verdict.until, "served": "true"})
        next_command.say(*news.closing_words(verdict, self.alerts, self.events))


if __name__ == "__main__":
    next_command.print_at_end()
    MonitorFlow()
