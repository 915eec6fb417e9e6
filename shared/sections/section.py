"""What the sections of the settings have in common."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.utc import as_utc

Share = Annotated[float, Field(ge=0, le=1)]
# Five fields: minute, hour, day of the month, month, day of the week.
CRON = r"^$|^[\d*/,-]+( [\d*/,-]+){2} [\w*/,-]+ [\w*/,-]+$"
Moment = Annotated[datetime, AfterValidator(as_utc)]
Number = int | Annotated[float, Field(allow_inf_nan=False)]


class Section(BaseModel):
    """A part of the settings: frozen, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)
