"""What docs/cloud.md shows is there: variables, targets, options; its policy and role parse."""

import json
import re
import subprocess
import sys
from pathlib import Path

import metaflow
import yaml

from tests.conftest import ROOT
from tests.serving.processes import MILLRACE

PAGE = (ROOT / "docs" / "cloud.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_metaflow_knows_the_variables() -> None:
    folder = Path(metaflow.__file__).parent
    known = (folder / "metaflow_config.py").read_text() + (folder / "util.py").read_text()
    known += (folder / "metaflow_config_funcs.py").read_text()
    named = set(re.findall(r"METAFLOW_([A-Z0-9_]*[A-Z0-9])\b(?!_…)", PAGE))
    assert named
    assert [
        name for name in named if f'"{name}"' not in known and f"METAFLOW_{name}" not in known
    ] == []


def test_make_and_the_command_line_tool_have_what_it_names() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", PAGE, re.MULTILINE)) <= set(targets)
    for command, option in re.findall(r"millrace (\w+) (--[a-z-]+)", PAGE):
        told = subprocess.run(
            [str(MILLRACE), command, "--help"], capture_output=True, text=True, check=True
        )
        assert option in told.stdout, f"millrace {command} {option}"


def test_a_flow_has_the_options_that_it_is_given() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "flows" / "review.py"), "run", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    options = {"--bundle", "--decision", "--reason", "--reviewer"}
    assert options <= set(re.findall(r"--[a-z]+", done.stdout))
    assert options <= set(re.findall(r"--[a-z]+", PAGE))


def test_the_policy_and_the_role_allow_what_is_needed_and_no_more() -> None:
    (policy,) = map(json.loads, blocks("json"))
    actions = [action for s in policy["Statement"] for action in [s["Action"]]]
    kept = ["s3:GetObject", "s3:PutObject"]
    assert actions == [kept, [*kept, "s3:DeleteObject"], "s3:ListBucket"]
    (role,) = map(yaml.safe_load, blocks("yaml"))
    assert role["kind"] == "Role"
    assert {r for rule in role["rules"] for r in rule["resources"]} == {
        *("workflowtemplates", "cronworkflows", "sensors", "workflows")
    }
    assert "*" not in json.dumps(role)


def test_its_environment_is_what_the_rehearsal_has() -> None:
    stage = (ROOT / "tests" / "rehearsal" / "stage.py").read_text()
    stage += (ROOT / "tests" / "rehearsal" / "servers.py").read_text()
    exported = re.findall(r"export (METAFLOW_\w+)=", PAGE)
    assert len(exported) > 5
    assert [name for name in exported if f'"{name}"' not in stage] == []
