"""The prediction log's own columns, beside those of the answers: no feature may be named so."""

PREDICTION, PROBABILITY = "prediction", "probability"
BEFORE_ANSWER = ("prediction_id", "key", "time", "logged_at", "bundle", "role")
AFTER_ANSWER = ("latency_ms",)
OUTCOME = "outcome"
# The errors of a service minute that have a column of their own.
ERROR_KINDS = ("bad_row", "refused", "deadline", "log_away", "internal")
RESERVED_COLUMNS = frozenset({*BEFORE_ANSWER, *AFTER_ANSWER, OUTCOME})
