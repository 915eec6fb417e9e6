"""What a server leaves out of its libraries, so that it starts sooner and takes less memory."""

import sys


def import_skops() -> None:
    """Import skops without its list of scikit-learn's estimators.

    To make it, skops imports every module of scikit-learn, and pytest with them. The list says
    which types need no trust; `shared.model.trust` knows them by where they are defined.
    """
    if "skops.io" in sys.modules:
        return
    from sklearn import utils

    every_estimator = utils.all_estimators
    utils.all_estimators = list
    try:
        import skops.io  # noqa: F401
    finally:
        utils.all_estimators = every_estimator
