"""A word out of a list, of which some are accepted, e.g. an appearance or "not detected"."""

from typing import Literal, Self

from pydantic import Field, model_validator

from qc_release.limits.judgement import Given, Judgement, LimitError, LimitModel, Value, Verdict


class Category(LimitModel):
    kind: Literal["category"]
    accepted: list[str] = Field(min_length=1)
    choices: list[str] = Field(min_length=2)

    @model_validator(mode="after")
    def _accepts_only_its_choices(self) -> Self:
        if unknown := set(self.accepted) - set(self.choices):
            raise ValueError(f"accepted but not among the choices: {', '.join(sorted(unknown))}")
        return self

    def judge(self, value: Value, given: Given) -> Judgement:
        word = read_word(value, self.choices)
        limit = self.describe(given)
        if word in self.accepted:
            return Judgement(Verdict.PASS, f"“{word}” is accepted.", limit, word)
        return Judgement(Verdict.FAIL, f"“{word}” is not {limit}.", limit, word)

    def describe(self, given: Given) -> str:
        return " or ".join(f"“{word}”" for word in self.accepted)


def read_word(value: Value, choices: list[str]) -> str:
    """The choice that was meant, whatever its capitals. Any other word is refused, never guessed."""
    typed = value.strip().casefold() if isinstance(value, str) else ""
    for choice in choices:
        if choice.casefold() == typed:
            return choice
    raise LimitError(f"“{value}” is not one of: {', '.join(choices)}.", value=value, choices=choices)
