"""What a server and a training leave out of libraries, so that they start sooner."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# What scikit-learn and scipy import for few functions, which the answers of a model seldom need:
# with their own imports they take half of its time. Without those of the second list it gets along.
SELDOM = (
    *("scipy.stats.", "scipy.optimize.", "scipy.interpolate.", "scipy.integrate."),
    "numpy.f2py.",
)
OPTIONAL = ("rich", "psutil")


def import_skops() -> None:
    """Import skops without its lists of estimators, and of the ufuncs of numpy and scipy.

    To make them, it imports every module of scikit-learn, and pytest with them, and looks for each
    ufunc through all modules that are imported. The lists say which types need no trust;
    `shared.model.files.trust` knows them by where they are defined.
    """
    if "skops.io" in sys.modules:
        return
    import numpy as np
    from scipy import special
    from sklearn import utils

    every_estimator = utils.all_estimators
    utils.all_estimators = list
    try:
        with _listing_nothing(np), _listing_nothing(special):
            import skops.io  # noqa: F401
    finally:
        utils.all_estimators = every_estimator


@contextmanager
def _listing_nothing(module: ModuleType) -> Iterator[None]:
    """Let `dir` find no names in a module."""
    own = vars(module).get("__dir__")
    vars(module)["__dir__"] = list
    try:
        yield
    finally:
        del vars(module)["__dir__"]
        if own:
            vars(module)["__dir__"] = own


def import_estimators() -> None:
    """Import what most of scikit-learn's estimators are made of, without what they seldom need.

    And permutation importance, which would bring `scipy.stats` along.
    """
    if "sklearn.ensemble" not in sys.modules:
        with put_off():
            import sklearn.ensemble
            import sklearn.inspection  # noqa: F401


def import_model_reader() -> None:
    """Import skops as `import_skops` does, without what scikit-learn seldom needs."""
    if "skops.io" not in sys.modules:
        with put_off():
            import_skops()


@contextmanager
def put_off() -> Iterator[None]:
    """Let what is imported in the block import what it seldom needs when that is first used.

    It is for a process that does nothing else meanwhile.
    """
    finder = _PutOffFinder()
    without = [name for name in OPTIONAL if name not in sys.modules]
    sys.modules.update(dict.fromkeys(without))  # type: ignore[arg-type]
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in without:
            del sys.modules[name]
        stand_ins = [name for name, found in sys.modules.items() if type(found) is _PutOff]
        for name in reversed(stand_ins):
            package, _, last = name.rpartition(".")
            vars(sys.modules[package]).pop(last, None)
            del sys.modules[name]


class _PutOffFinder(MetaPathFinder, Loader):
    """Finds stand-ins for modules."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if not f"{name}.".startswith(SELDOM):
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _PutOff(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


class _PutOff(ModuleType):
    """Stands for a module."""

    def __getattr__(self, name: str) -> "_Named":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Named(self.__name__, name)


class _Named:
    """Stands for what has a name in a module, which is imported when that is used."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._itself()(*given, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._itself(), name)

    def _itself(self) -> Any:
        return getattr(importlib.import_module(self._module), self._name)
