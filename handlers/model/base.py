"""What all of our own messages have in common."""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """What we write and read again ourselves: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
