"""The library recipes in force at the demonstration site, and the next version of both in work."""

from mes.demonstration import Stage
from recipes import services
from recipes.library import CODES, source_of
from recipes.models import Recipe, RecipeVersion

# recipe, change control, what changes: (as it stands, as it will stand)
CHANGES = (
    (
        "CART-A",
        "CC-0012",
        ("change: First version.", "change: More medium from day 5, as the growth of the first batches asks for."),
        ('unit: "%/day", target: 80, low: 40', 'unit: "%/day", target: 90, low: 40'),
    ),
    ("CART-B", "CC-0013", ("change: First version.", "change: Revision after the first review of the year.")),
)


def load(stage: Stage) -> None:
    """Ravi prepares, Rita checks, Quinn approves."""
    ravi, rita, quinn = (stage.people[name] for name in ("ravi", "rita", "quinn"))
    for code in CODES:
        version = services.import_recipe(actor=ravi, site=stage.site, source=source_of(code))
        signer = stage.signer("ravi", "prepared")
        version = services.submit(actor=ravi, version=version, signer=signer)
        signer = stage.signer("rita", "reviewed")
        version = services.review(actor=rita, version=version, signer=signer)
        signer = stage.signer("quinn", "approved")
        services.approve(actor=quinn, version=version, signer=signer)


def play(stage: Stage) -> None:
    """Ravi has written the next versions. One waits for Rita's review, the other for him."""
    drafts = [_revised(stage, *change) for change in CHANGES]
    signer = stage.signer("ravi", "prepared")
    services.submit(actor=stage.people["ravi"], version=drafts[0], signer=signer)


def _revised(stage: Stage, code: str, change_control: str, *changes: tuple[str, str]) -> RecipeVersion:
    source = source_of(code)
    for before, after in changes:
        source = source.replace(before, after, 1)
    recipe = Recipe.objects.get(site=stage.site, code=code)
    return services.revise(actor=stage.people["ravi"], recipe=recipe, source=source, change_control=change_control)
