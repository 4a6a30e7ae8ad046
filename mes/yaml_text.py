"""YAML for libyaml, which reads ten times as fast as Python does and has two weak spots."""

from typing import cast

import yaml

DEEPEST = 100


def require_readable(source: str) -> None:
    """YAMLError for what is no YAML, and for what libyaml does not survive: halves of characters, and deep nesting.

    It composes by recursion in C, where too deep is the end of the process. Its parser, asked here, has no such limit.
    """
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise yaml.YAMLError(f"character {error.start + 1} is none") from error
    depth = 0
    for event in yaml.parse(source, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(
                problem=f"is nested deeper than {DEEPEST}", problem_mark=cast(yaml.Mark, event.start_mark)
            )
