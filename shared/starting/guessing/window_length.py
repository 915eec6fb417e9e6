"""How long the windows are that a new problem is judged by."""

WINDOW_DAYS = (1, 7, 14, 30, 91, 182, 366)
WINDOW_ROWS, FEWEST_WINDOWS = 400, 8


def guess_window(rows: int, days: float, apart: float) -> tuple[float, int]:
    """Return how long a window is in days, and about how many rows it has.

    It is longer than moments are `apart`, as months are, so that none is without rows.
    """
    longer = [each for each in WINDOW_DAYS if each > apart]
    fitting = [each for each in longer if days / each >= FEWEST_WINDOWS]
    if not fitting and apart > 1:
        fitting = longer[:1]
    enough = [each for each in fitting if rows * each / days >= WINDOW_ROWS]
    # Four digits are enough of what is guessed.
    window = float(min(enough) if enough else max(fitting, default=days / FEWEST_WINDOWS))
    window = float(f"{window:.4g}")
    return window, max(1, int(rows * window / days))
