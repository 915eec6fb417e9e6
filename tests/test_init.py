"""How long the threads of models wait busily, in every process that imports `shared`."""

import os
import subprocess
import sys

import pytest

CODE = "import shared, sklearn.ensemble"


@pytest.mark.skipif(sys.platform != "linux", reason="GNU's OpenMP is what Linux has")
@pytest.mark.parametrize(
    ("said", "spins"),
    [({}, "300"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "PASSIVE"}, "0")],
)
def test_threads_of_models_wait_busily_for_short_or_as_the_user_says(
    said: dict[str, str], spins: str
) -> None:
    named = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
    env = {name: value for name, value in os.environ.items() if name not in named}
    env |= said | {"OMP_DISPLAY_ENV": "VERBOSE"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True
    )
    assert f"GOMP_SPINCOUNT = '{spins}'" in done.stderr
