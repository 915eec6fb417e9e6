"""What every answer tells a browser."""

from tests.serving.conftest import Guarded


def test_every_answer_tells_a_browser_to_keep_nothing_and_run_nothing(guarded: Guarded) -> None:
    for path, who in (("/health/live", None), ("/bundle", "admin"), ("/predict", None)):
        headers = guarded.ask("GET", path, who).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers
