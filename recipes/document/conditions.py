"""`when` of a step: `S050 == 'low'` or `S050 != 'low'`, where S050 is a decision."""

import re
from dataclasses import dataclass

_CONDITION = re.compile(r"(?P<step>S[0-9]{3,4})\s*(?P<operator>==|!=)\s*'(?P<choice>[^']+)'")


@dataclass(frozen=True)
class Condition:
    step: str
    is_equal: bool
    choice: str

    def holds(self, answer: str) -> bool:
        """Whether the step runs, given what was decided."""
        return (answer == self.choice) is self.is_equal


def parse_condition(text: str) -> Condition | None:
    """The condition a text means, or None when it is not one."""
    found = _CONDITION.fullmatch(text.strip())
    return Condition(found["step"], found["operator"] == "==", found["choice"]) if found else None
