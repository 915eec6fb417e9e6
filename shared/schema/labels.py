"""Labels of outcomes, beside the classes that their target has."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from shared.schema.contract import ContractColumn, listed
from shared.words import number_of

# Of the classes so many are shown to one who sends something else.
MOST_SHOWN = 5
_IS_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?").fullmatch


def label_fault(target: ContractColumn) -> Callable[[str], str | None]:
    """Return what says what is wrong with a label that was read; None of one that is right.

    A new class is right. A number is wrong where all classes are texts: it is mostly a class's
    place in some list, and is not to be taken for a class of its own.
    """
    classes = target.categories or ()
    if not classes or any(map(_IS_NUMBER, classes)):
        return lambda label: None
    left = len(classes) - MOST_SHOWN
    more = f", and {number_of(left, 'more', 'more')}" if left > 0 else ""
    words = f"a number, where classes are texts: {listed(map(repr, classes[:MOST_SHOWN]))}{more}"
    return lambda label: words if _IS_NUMBER(label) else None


def unknown_labels(labels: Iterable[str], target: ContractColumn) -> Counter[str]:
    """Count the labels of classes that the target does not have; none where it has no classes."""
    known = set(target.categories or ())
    return Counter(label for label in labels if label not in known) if known else Counter()
