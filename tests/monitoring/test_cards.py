"""The cards: the verdict first, then its reasons, and what people were alerted to."""

import numpy as np
import pandas as pd

from shared.cli.monitoring import judging
from shared.events.alerts import VARIABLE, Alert, Message
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring import cards, findings, incidents, judge, reason_rows
from shared.settings import Settings
from tests.card_words import card_words
from tests.monitoring.traffic import read_case, week

NEWS = Message("[act] loans: income is empty (opened)", "Next: ask.")


def summary(frame: pd.DataFrame, bundle: Bundle, settings: Settings) -> tuple[Verdict, list[str]]:
    """Return the verdict on a frame, and the words of its summary card."""
    case = read_case(frame, bundle, settings)
    found = findings.find(case)
    verdict = incidents.follow(judge.judge(case, found), [])
    return verdict, card_words(cards.summary(case, found, verdict, []))


def test_an_ordinary_window_s_card_says_that_there_is_nothing_to_do(
    bundle: Bundle, settings: Settings
) -> None:
    verdict, lines = summary(week(), bundle, settings)
    assert lines[:2] == ["# ✔ Ok: nothing exceeded its threshold", "**Next:** Nothing to do."]
    assert lines[2] == f"**window** | {_span(verdict)}"
    assert lines[3] == "**rows** | 233"
    assert lines[7:9] == [
        "## Reasons\n\nThe thresholds come from how much this problem's own history varies: at "
        "most 1% of normal windows raise an alarm, over all columns and checks.",
        "*None.*",
    ]


def test_checks_that_can_find_nothing_are_named_on_the_card_and_not_in_print(
    bundle: Bundle, settings: Settings
) -> None:
    case = read_case(week(), bundle, settings)
    found = findings.find(case)
    blind = judge.judge(case, found).model_copy(update={"blind": ("It cannot be judged.",)})
    assert "- It cannot be judged." in "\n".join(card_words(cards.summary(case, found, blind, [])))
    assert judging.verdict_lines(blind)[1:] == [judging.BLIND, "next: Nothing to do."]


def _span(verdict: Verdict) -> str:
    ends = [str(end)[:16].replace("T", " ") for end in (verdict.start, verdict.until)]
    return f"{' to '.join(ends)} UTC"


def test_an_odd_window_s_card_opens_with_its_first_reason_and_lists_incidents(
    bundle: Bundle, settings: Settings
) -> None:
    verdict, lines = summary(week().assign(income=np.nan), bundle, settings)
    first = verdict.reasons[0]
    assert lines[0] == f"# ✖ {verdict.words}"
    assert lines[1].startswith("income is empty: its feed is lost: **")
    assert lines[1].endswith(f"**Next:** {first.next_step}")
    assert "Level | What | Value | Threshold | Baseline, and likely cause | Next" in lines
    assert any(line.startswith("✖ act | income is empty: its feed is lost | ") for line in lines)
    assert any(line.startswith("income | ✖ act | opened | ") for line in lines)


def test_the_rows_that_show_the_reasons_are_linked_from_the_card(
    bundle: Bundle, settings: Settings
) -> None:
    case = read_case(week().assign(income=np.nan), bundle, settings)
    verdict = judge.judge(case, findings.find(case))
    found = reason_rows.find(verdict, case)
    title, *table = card_words(cards.rows("7", found, case))
    rows = len(found[["key", "time"]].drop_duplicates())
    address = "/runs/MonitorFlow/7/artifacts/judge/reason_rows"
    assert title == (
        f"## Rows that show the reasons\n\n{rows} rows show a reason, of all 233 looked at: "
        "their keys are the artifact `reason_rows` of the step `judge`, a Parquet file; on the "
        f"board, [{address}]({address})."
    )
    assert table[0] == "What | Rows | The first keys | In the log"
    assert table[1].startswith("income is empty: its feed is lost | 233 | L1-")
    assert cards.rows("7", found[:0], case) == []


def test_alerts_that_wait_are_shown_with_what_went_wrong_and_no_secret() -> None:
    verdict = _verdict()
    sent = Alert(NEWS, "MonitorFlow/7", "0" * 64, "json://me:****@host/", 1, None)
    waiting = Alert(NEWS, "MonitorFlow/6", "1" * 64, "mailto://ada", 3, "503")
    where = (
        f"Alerts go to the addresses in `{VARIABLE}`: mailto, slack or whatever else Apprise "
        "supports."
    )
    assert card_words(cards.alerts(verdict, [sent, waiting])) == [
        "# ▲ 1 of 2 alerts are waiting; the next run tries again",
        f"Act: income is empty. {where}",
        "To | What | Run | Tries | State",
        f"json://me:****@host/ | {NEWS.title} | MonitorFlow/7 | 1 | delivered",
        f"mailto://ada | {NEWS.title} | MonitorFlow/6 | 3 | 503",
    ]
    assert card_words(cards.alerts(verdict, [sent]))[0] == "# ✔ Every alert was delivered"
    assert card_words(cards.alerts(verdict, []))[0] == "# ○ Nobody was alerted"


def _verdict() -> Verdict:
    return Verdict.model_construct(words="Act: income is empty")


def test_the_reports_of_a_run_are_linked(bundle: Bundle, settings: Settings) -> None:
    case = read_case(week(), bundle, settings)
    _, links = card_words(cards.links("7", pd.DataFrame(), case))
    assert links.splitlines()[1] == (
        "- [Data drift: inputs and answers, column by column]"
        "(MonitorFlow-7-report-data_drift.html), the card `data_drift`"
    )
