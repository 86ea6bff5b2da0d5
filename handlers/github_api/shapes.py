"""The parts of GitHub's answers. Pure."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A part of an answer. Only what is read is declared; the rest is ignored."""

    model_config = ConfigDict(frozen=True)
