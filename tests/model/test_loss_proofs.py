"""A loss lasts while verdicts in a row prove it of one bundle; what came before is another one."""

from datetime import datetime
from typing import Any

from shared.model import loss_proofs
from shared.model.verdict import Evidence
from tests.monitoring.test_incidents import TEMP, followed, lost, verdict


def test_a_loss_is_proven_since_the_first_verdict_in_a_row_on_the_same_bundle() -> None:
    found = followed(lost(8), lost(8, 5), lost(15), lost(22))
    assert loss_proofs.proven_at(found[3], found) == "2013-05-08T00:00"
    # Judged by hand an hour before.
    assert loss_proofs.proven_at(found[1], found[:1]) == "2013-05-08T00:00"
    assert loss_proofs.proven_at(lost(29, bundle="c" * 64), found) == "2013-05-29T00:00"
    between = followed(lost(8), verdict(15, judged_at="2013-05-15T00:00"), lost(22))
    assert loss_proofs.proven_at(lost(29), between) == "2013-05-22T00:00"


def test_what_is_not_to_be_learnt_is_no_proof() -> None:
    assert loss_proofs.proven_at(verdict(8, (*TEMP, "act")), []) is None
    assert loss_proofs.proven_at(lost(8, believable=False), []) is None


def began(*verdicts: Any, bundle: str = "b" * 64) -> datetime | None:
    return loss_proofs.loss_began(followed(*verdicts), bundle)


def test_a_loss_began_with_the_first_window_in_a_row_that_proves_it() -> None:
    assert began(lost(8), lost(15)) == datetime(2013, 5, 1)
    assert began() is None
    assert began(lost(15), bundle="c" * 64) is None
    assert began(lost(8), verdict(15, judged_at="2013-05-15")) is None


def test_what_began_with_an_earlier_fault_is_no_part_of_a_later_loss() -> None:
    """Such a fault is closed, or of a feed, or what another bundle has lost."""
    closed = verdict(15, judged_at="2013-05-15T00:00")
    assert began(lost(8), closed, lost(22)) == datetime(2013, 5, 15)
    assert began(lost(8, believable=False), lost(15)) == datetime(2013, 5, 8)
    assert began(lost(8, bundle="c" * 64), lost(15)) == datetime(2013, 5, 8)


def test_a_loss_that_only_a_sum_of_windows_proves_began_with_the_first_of_them() -> None:
    added = Evidence(
        trait="slope",
        value=0.8,
        error=0.02,
        mean=0.8,
        windows=3,
        since="2013-05-08",
        expected=1.0,
        reach=0.1,
        side=-1,
        ratio=False,
        hours=168,
        blocks=40,
    )
    assert began(lost(29, evidence=(added,))) == datetime(2013, 5, 8)
    within = added.model_copy(update={"reach": 0.3})
    assert began(lost(29, evidence=(within,))) == datetime(2013, 5, 22)
