"""An artifact is shown as what it is: a frame's first rows, or a text."""

import pytest

from shared.board.pages import artifact_preview
from tests.conftest import House


@pytest.mark.flow
def test_artifacts_are_shown_as_what_they_are(trained_house: House, at_house: House) -> None:
    from shared.lineage import run_history

    pathspec = next(run_history.runs("TrainFlow", "loans")).pathspec
    frame = artifact_preview.preview(pathspec, "evaluate", "reference")
    assert frame
    assert frame.kind == "DataFrame"
    assert len(frame.rows) == artifact_preview.FIRST_ROWS
    assert "loan" in frame.columns
    text = artifact_preview.preview(pathspec, "split", "fits")
    assert text
    assert (text.kind, text.text) == ("list", "[['logistic'], ['boosting'], ['broken']]")
    assert artifact_preview.preview(pathspec, "split", "nothing") is None
    assert artifact_preview.preview(pathspec, "nowhere", "reference") is None
    assert artifact_preview.preview("TrainFlow/1", "split", "fits") is None
