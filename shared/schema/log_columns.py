"""The prediction log's own columns, which no feature may be named after."""

PREDICTION_COLUMNS = (
    *("prediction_id", "key", "time", "logged_at", "bundle", "role", "prediction", "probability"),
    "latency_ms",
)
OUTCOME_COLUMN = "outcome"
RESERVED_COLUMNS = frozenset({*PREDICTION_COLUMNS, OUTCOME_COLUMN})
