"""The run history as people look at it: what each run is, what came of it, how two differ."""
