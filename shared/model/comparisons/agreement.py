"""What became of answers that were held against the model's: how many differ, and which."""

from shared.kept import Kept

Value = bool | float | str | None


class DifferentAnswer(Kept):
    """A row whose answer is not the model's: its key, its time (ISO), and both in a `column`."""

    key: str | None
    time: str | None
    column: str
    logged: Value
    model: Value

    @property
    def written(self) -> tuple[str, str]:
        """What was logged and what the model gives, with as many digits as tell them apart."""
        pair = "", ""
        for digits in (4, 6, 9, 12, 17):
            pair = _written(self.logged, digits), _written(self.model, digits)
            if pair[0] != pair[1]:
                break
        return pair

    @property
    def words(self) -> str:
        """The row and both values, within a sentence."""
        logged, model = self.written
        return f"{self.key or 'one'} has {self.column} {logged}, and the model gives {model}"


def _written(value: Value, digits: int) -> str:
    if value is None:
        return "nothing"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


class Agreement(Kept):
    """How many answers were compared with the model's, and how many differ.

    `column` is the one that differs in most rows, by up to `largest`; `first` are the first rows in
    time that differ in it, and `likely_cause` says what was done to them. `left_out` rows lack what
    the model was asked with. `note` says why nothing could be compared, or what else there is to
    know.
    """

    compared: int = 0
    differing: int = 0
    left_out: int = 0
    column: str | None = None
    largest: float | None = None
    likely_cause: str | None = None
    first: tuple[DifferentAnswer, ...] = ()
    note: str | None = None
