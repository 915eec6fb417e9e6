"""Why a model answers as it does: what each feature adds to a row's score."""
