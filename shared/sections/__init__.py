"""The sections of the settings: each is whole in itself, and refuses what contradicts."""
