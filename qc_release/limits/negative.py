"""A culture or nucleic-acid test that must be negative. An interim test is content with "negative to date"."""

from typing import Literal

from qc_release.limits.category import read_word
from qc_release.limits.judgement import Given, Judgement, LimitModel, Value, Verdict


class Negative(LimitModel):
    """The three words are the report's own, e.g. `no growth` / `growth`."""

    kind: Literal["negative"]
    negative: str = "negative"
    positive: str = "positive"
    to_date: str = "negative to date"
    interim: bool = False

    def judge(self, value: Value, given: Given) -> Judgement:
        word = read_word(value, [self.negative, self.positive, self.to_date])
        limit = self.describe(given)
        if word == self.positive:
            return Judgement(Verdict.FAIL, f"“{word}” is not “{self.negative}”.", limit, word)
        if word == self.to_date and not self.interim:
            return Judgement(Verdict.PENDING, f"“{word}” is not final; the final reading is awaited.", limit, word)
        return Judgement(Verdict.PASS, f"“{word}” is accepted.", limit, word)

    def describe(self, given: Given) -> str:
        return f"“{self.to_date}”" if self.interim else f"“{self.negative}”"
