"""What the pages are made from."""

from dataclasses import dataclass, field

from shared.board.access.people import Access
from shared.runs.records import Records


@dataclass(frozen=True)
class Board:
    """The branch that counts, the records of all runs, and who may come in."""

    branch: str
    records: Records = field(default_factory=Records)
    access: Access = field(default_factory=Access)
