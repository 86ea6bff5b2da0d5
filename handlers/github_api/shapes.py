"""What the parts of GitHub's answers have in common. Pure."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A part of an answer, of which only what is read is declared and the rest ignored; or what is sent."""

    model_config = ConfigDict(frozen=True)
