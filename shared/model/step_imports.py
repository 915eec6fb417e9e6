"""What a flow's step imports before it begins, without what the libraries seldom need."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from shared.model.lean_imports import import_estimators, import_model_reader

Step = TypeVar("Step", bound=Callable[..., None])


def with_estimators(step: Step) -> Step:
    """Let a flow's step begin with `import_estimators`; stands under Metaflow's `@step`."""
    return _beginning_with(import_estimators, step)


def with_model_reader(step: Step) -> Step:
    """Let a flow's step begin with `import_model_reader`; stands under Metaflow's `@step`."""
    return _beginning_with(import_model_reader, step)


def _beginning_with(imports: Callable[[], None], step: Step) -> Step:
    @functools.wraps(step)
    def importing(self: Any, *args: Any) -> None:
        imports()
        step(self, *args)

    return cast(Step, importing)
