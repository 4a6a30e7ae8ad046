"""The library recipes in force at the demonstration site."""

from mes.demonstration import Stage
from recipes import services
from recipes.library import CODES, source_of


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
