"""`docs/alerts.yml`: rules that Prometheus takes, and each alert raised by its own cause alone."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import prometheus
from tests.conftest import ROOT

ALERTS = ROOT / "docs" / "alerts.yml"
ANSWERED, FAILED = (
    f'millrace_requests_total{{route="/predict",status="{status}"}}' for status in (200, 503)
)
BUCKETS = 'millrace_request_duration_seconds_bucket{route="/predict",le="%s"}'
ERRORS = 'millrace_errors_total{route="/predict",kind="%s"}'
SHADOW = 'millrace_shadow_rows_total{result="%s"}'
# An hour of values, one a minute: a count that rises by one each second, or a gauge that stays.
RISES = "0+60x60"
CAUSES = {
    "MillraceDown": {'up{job="millrace"}': "0x60"},
    "MillraceFails": {ANSWERED: RISES, FAILED: RISES},
    "MillraceSlow": {BUCKETS % "0.5": "0x60", BUCKETS % "1": RISES, BUCKETS % "+Inf": RISES},
    "MillraceBadRows": {ANSWERED: RISES, ERRORS % "bad_row": RISES},
    "MillraceOverloaded": {ERRORS % "refused": RISES},
    "MillraceQueue": {"millrace_queue_rows": "9000x60"},
    "MillraceLogAway": {"millrace_log_up": "0x60"},
    "MillraceLogLag": {"millrace_log_lag_seconds": RISES},
    "MillraceSpoolFilling": {
        "millrace_spool_rows": "0+9x60",
        "millrace_spool_limit_rows": "1000x60",
    },
    "MillraceBundleRefused": {"millrace_bundles_refused_total": RISES},
    "MillraceHistoryAway": {"millrace_history_up": "0x60"},
    "MillraceShadowLosesRows": {SHADOW % "dropped": RISES, SHADOW % "scored": RISES},
}
CALM = {
    'up{job="millrace"}': "1x60",
    ANSWERED: RISES,
    FAILED: "3x60",
    BUCKETS % "0.5": RISES,
    BUCKETS % "+Inf": RISES,
    ERRORS % "bad_row": "0+1x60",
    ERRORS % "refused": "0x60",
    "millrace_queue_rows": "100x60",
    "millrace_log_up": "1x60",
    "millrace_log_lag_seconds": "1x60",
    "millrace_spool_rows": "0x60",
    "millrace_spool_limit_rows": "0x60",
    "millrace_bundles_refused_total": "1x60",
    "millrace_history_up": "1x60",
    SHADOW % "dropped": "5x60",
    SHADOW % "scored": RISES,
}

pytestmark = pytest.mark.skipif(
    not prometheus.binary("promtool"),
    reason="promtool is not installed (Debian: apt-get install prometheus)",
)


def promtool(*words: str) -> str:
    """Run promtool, which is to be content; returns what it said."""
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def hour(series: dict[str, str], raised: dict[str, int]) -> dict[str, Any]:
    """Return promtool's test that an hour of series ends with alerts that fire."""
    expected = [{"labels": f'{{alertname="{n}"}}', "value": count} for n, count in raised.items()]
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": "1h",
                "exp_samples": expected,
            }
        ],
    }


def test_the_rules_are_sound_and_every_alert_has_a_cause_here() -> None:
    assert "SUCCESS" in promtool("check", "rules", str(ALERTS))
    alerts = [line.split()[-1] for line in ALERTS.read_text().splitlines() if "- alert:" in line]
    assert alerts == list(CAUSES)


def test_each_alert_is_raised_by_its_cause_and_a_calm_hour_raises_none(tmp_path: Path) -> None:
    tests = [hour(series, {name: 1}) for name, series in CAUSES.items()] + [hour(CALM, {})]
    file = tmp_path / "tests.yml"
    file.write_text(json.dumps({"rule_files": [str(ALERTS)], "tests": tests}))
    promtool("test", "rules", str(file))
