"""Reports on a window: of one without rows there are none to make."""

from shared.model.bundle import Bundle
from shared.monitoring import drill_down, findings
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week


def test_an_empty_window_is_three_plain_pages(bundle: Bundle, settings: Settings) -> None:
    case = read_case(week().iloc[:0], bundle, settings)
    for page in vars(drill_down.write(case, findings.find(case))).values():
        assert "The window is empty: there is nothing to show." in page
        assert len(page) < 2_000
