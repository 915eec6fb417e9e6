"""What candidates name by an import path: a library's, or of the problem's own code."""

import importlib
import sys
from typing import Any, Literal

from shared.errors import Refusal
from shared.sections.training import Candidate
from shared.words import nearest_names


def imported(candidate: Candidate, key: Literal["estimator", "preprocessing"]) -> Any:
    """Return what a candidate names by its import path; raises `Refusal` where it is not there."""
    dotted = getattr(candidate, key) or ""
    module, _, name = dotted.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        held = sys.modules.get(module)
        raise Refusal(
            f"candidate {candidate.name!r}: {key} {dotted!r} cannot be imported: "
            f"{error}{nearest_names([name], dir(held))}"
        ) from None
