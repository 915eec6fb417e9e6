"""ReviewFlow: one decision about one bundle, or a comment, by a named person for a reason."""

from metaflow import FlowSpec, Parameter, card, config_expr, current, project, retry, step

from shared import next_command
from shared.artifacts import parquet_frames
from shared.errors import one_line_refusals
from shared.events.run_events import run_sent_by, send_run
from shared.final_cards import FINAL
from shared.flow_settings import own_code, problem_config
from shared.review import requests
from shared.settings_reading import typed_settings


@project(name=config_expr("settings.name"))
@run_sent_by(send_run)
@own_code
@parquet_frames
class ReviewFlow(FlowSpec):
    """Approve, reject, roll back or comment on a bundle, as MILLRACE_REVIEWER or the user."""

    settings = problem_config()
    bundle = Parameter("bundle", required=True, help="a digest, PackageFlow/RUN, or a folder")
    kind = Parameter("decision", required=True, help="approve, reject, rollback or comment")
    reason = Parameter("reason", required=True, help="why, in a sentence")
    reviewer = Parameter("reviewer", help="who decides (default: MILLRACE_REVIEWER, or the user)")

    @step(start=True)
    @one_line_refusals
    def weigh(self) -> None:
        """Check the bundle anew, and refuse what cannot be decided."""
        from shared.lineage import reviews
        from shared.review import decisions

        settings = typed_settings(self.settings)
        request = decisions.Request(self.bundle, self.kind, self.reason, self.reviewer)
        history = reviews.decisions(settings.name)
        self.decision = decisions.decide(settings, request, history).model_dump(mode="json")
        self.history = [past.model_dump(mode="json") for past in history]
        self.next(self.record)

    @card(type=FINAL, id="decision")
    @retry(times=0)
    @step(end=True)
    def record(self) -> None:
        """Put the decision on record; from now on it counts."""
        from shared.events import announce, event
        from shared.exporting import registry
        from shared.model.decision import Decision, standing
        from shared.review import cards

        decision = Decision.model_validate(self.decision)
        history = [Decision.model_validate(past) for past in self.history]
        settings = typed_settings(self.settings)
        news = event.decided(decision, history, announce.origin())
        after = standing([*history, decision], decision.review)
        self.events = announce.send(settings, news)
        self.events += registry.follow(settings, after.champion, news)
        current.card.extend(cards.decision(decision, history, self.events))
        next_command.say(*cards.closing_words(decision, after))


if __name__ == "__main__":
    next_command.print_at_end()
    requests.refuse_early()
    ReviewFlow()
