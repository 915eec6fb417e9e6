"""What the runs took, as docs/cloud.md tells it: time of cores, memory, and bytes of the bucket."""

import pytest

from shared.settings_reading import parse_settings, typed_settings
from tests.rehearsal import stage as stages
from tests.rehearsal.acts import Rehearsed
from tests.rehearsal.stage import FLOWS, Stage
from tests.rehearsal.test_templates import SIZED


def test_no_pod_takes_the_memory_that_it_is_given(stage: Stage, rehearsed: Rehearsed) -> None:
    given = typed_settings(parse_settings(stages.settings())).resources
    sized = [used for used in stage.cluster.used if used.step in SIZED]
    assert {used.flow for used in sized} == {*FLOWS} - {"ReviewFlow"}
    tight = [used for used in sized if used.mb > getattr(given, SIZED[used.step]).memory]
    assert tight == []


def test_what_each_flow_took_is_told(
    stage: Stage, rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = list(stage.s3.sizes())
    with capsys.disabled():
        print(f"\n{'':<14}{'pods':>6}{'CPU seconds':>13}{'MB in the bucket':>18}   peak MB")
        for flow in FLOWS:
            pods = [used for used in stage.cluster.used if used.flow == flow]
            kept = sum(size for key, size in sizes if f"/{flow}/" in key) / 1e6
            cpu, largest = sum(pod.cpu for pod in pods), max(pods, key=lambda pod: pod.mb)
            assert cpu > 0
            assert kept > 0
            peak = f"{largest.mb:,.0f} in {largest.step}"
            print(f"{flow:<14}{len(pods):>6}{cpu:>13.0f}{kept:>18.1f}   {peak}")
        for table in ("flights", "flights.rejected", "flights.scored"):
            kept = sum(size for key, size in sizes if key.startswith(f"tables/{table}/")) / 1e6
            print(f"{table:<33}{kept:>18.1f}")
