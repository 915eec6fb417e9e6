"""What came of what: look-ups in Metaflow's run history, which is the registry of models.

To import this is enough for a notebook to read runs: their frames, and models of a problem's types.
"""

from contextlib import suppress

from shared import artifacts, problems
from shared.errors import Refusal

artifacts.register()
# Runs hold models of a problem's own types; whoever names it can read them, in a notebook, too.
with suppress(Refusal):
    problems.make_named_importable()
