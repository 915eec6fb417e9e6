"""PackageFlow: from a training run to a bundle that was proved in a clean environment."""

from metaflow import (
    FlowSpec,
    Parameter,
    card,
    config_expr,
    current,
    project,
    resources,
    step,
    timeout,
    trigger_on_finish,
)

from shared import next_command
from shared.artifacts import parquet_frames
from shared.errors import Refusal, one_line_refusals
from shared.events.run_events import run_sent_by, send_run
from shared.final_cards import FINAL
from shared.flow_settings import own_code, problem_config
from shared.runs import judged_models
from shared.settings_reading import typed_settings


@trigger_on_finish(flow="TrainFlow")
@project(name=config_expr("settings.name"))
@run_sent_by(send_run)
@own_code
@parquet_frames
class PackageFlow(FlowSpec):
    """Package a training run's model, and verify the package."""

    settings = problem_config()
    train = Parameter(
        "train",
        help="a training run, as TrainFlow/ID (default: what set this off, or the latest passed)",
    )
    given = Parameter(
        "model",
        help="a model that was fitted elsewhere (a skops file, or an MLflow model's folder): "
        "TrainFlow judges it on the holdout, and it is packaged if it passes its gates",
    )
    override = Parameter(
        "override", help="why a run that failed its gates is packaged all the same"
    )

    @step(start=True)
    @one_line_refusals
    def choose(self) -> None:
        """Choose the training run, and hold it against its gates."""
        from shared.lineage import run_history, trainings
        from shared.packaging import provenance

        if self.given:
            raise Refusal(judged_models.OUT_OF_REACH)
        settings = typed_settings(self.settings)
        named = self.train or run_history.started_by()
        chosen = trainings.training_run(settings.name, named)
        self.training_run = chosen.pathspec
        self.lineage = provenance.lineage_of(chosen.pathspec, chosen.data, self.override)
        self.next(self.build)

    @resources(**config_expr("settings.resources.package"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    def build(self) -> None:
        """Write the bundle."""
        from shared.lineage import trainings
        from shared.packaging import build

        settings = typed_settings(self.settings)
        trained = trainings.training_run(settings.name, self.training_run).data
        made = build.archive(settings, trained, self.lineage)
        self.bundle, self.digest = made.archive, made.digest
        self.manifest, self.contents = made.manifest, made.contents
        self.next(self.verify)

    @card(type=FINAL, id="package")
    @resources(**config_expr("settings.resources.package"))
    @timeout(minutes=config_expr("settings.resources.minutes"))
    @step
    @one_line_refusals
    def verify(self) -> None:
        """Serve the bundle from its own files in a clean environment, and try it over HTTP."""
        from shared.packaging import cards, verify

        settings = typed_settings(self.settings)
        found = verify.verify(self.bundle, settings.package.trust)
        self.verification = found.plain()
        made = self.contents, self.manifest, self.digest
        current.card.extend(cards.package(*made, found, settings.review.approvals))
        self.next(self.end)

    @card(type=FINAL, id="events")
    @step
    @one_line_refusals
    def end(self) -> None:
        """Fail the run if the bundle failed; else send word that it waits for a decision."""
        from shared import problem_commands
        from shared.events import announce, event
        from shared.packaging import verify

        verify.refuse_unverified(verify.Verification.model_validate(self.verification))
        settings = typed_settings(self.settings)
        about = settings.name, self.digest, settings.review.approvals, announce.origin()
        self.events = announce.send(settings, event.packaged(*about))
        current.card.extend(announce.card(self.events))
        print(f"bundle {self.digest} is verified: a person decides about it")
        next_command.say(f"next: {problem_commands.review_command(self.digest[:12])}")


if __name__ == "__main__":
    judged_models.judge_given_model()
    next_command.print_at_end()
    PackageFlow()
