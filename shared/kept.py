"""What runs keep as plain values has a typed model each, which reads older runs' values too."""

from typing import Any

from pydantic import AliasGenerator, BaseModel, ConfigDict


class Kept(BaseModel):
    """A result, or a part of one, that a run or a bundle keeps as a plain dict.

    Older versions wrote some keys with spaces; what a later one adds is no reason to refuse.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        serialize_by_alias=True,
        ser_json_inf_nan="constants",
        alias_generator=AliasGenerator(validation_alias=lambda name: name.replace("_", " ")),
    )

    def plain(self) -> dict[str, Any]:
        """Return the dict that is kept."""
        return self.model_dump(mode="json")
