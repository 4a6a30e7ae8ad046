"""The JSON Schema of the recipe document, for editors and other systems.

`python -m recipes.document.schema` writes it; a test keeps the published file current. Rules that look across the
document (recipes.document.lint) are beyond a schema: ask `POST /api/v1/recipes/validate` for those.
"""

import json
from pathlib import Path
from typing import Any

from recipes.document.recipe import RecipeDocument

PUBLISHED = Path(__file__).parent.parent / "schema" / "recipe.schema.json"


def published_schema() -> dict[str, Any]:
    """The schema as it is published."""
    schema: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return schema


def current_schema() -> str:
    """The schema of the code, as text."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **RecipeDocument.model_json_schema(by_alias=True),
        "title": "Baton recipe",
        "description": "A master record (ISA-88): header, equipment, formula, procedure, other information.",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(current_schema(), encoding="utf-8")
