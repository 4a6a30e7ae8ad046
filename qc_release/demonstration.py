"""The laboratory of the demonstration site: approved methods and the specifications of CART-A and CART-B in force."""

from pathlib import Path

from mes.demonstration import Stage
from qc_release import services
from qc_release.document import read_specification
from qc_release.models import Method, SpecificationVersion

LIBRARY = Path(__file__).parent / "library"


def load(stage: Stage) -> None:
    for path in sorted(LIBRARY.glob("*.yaml")):
        version = _approved(stage, path.read_text(encoding="utf-8"))
        _approve_methods(stage, version)


def _approved(stage: Stage, source: str) -> SpecificationVersion:
    draft = services.import_specification(actor=stage.people["ravi"], site=stage.site, source=source)
    return services.approve_version(
        actor=stage.people["quinn"], version=draft, signer=stage.signer("quinn", "approved")
    )


def _approve_methods(stage: Stage, version: SpecificationVersion) -> None:
    known = set(Method.objects.filter(site=stage.site).values_list("code", "number"))
    wanted = {(test.method.code, test.method.version) for test in read_specification(version.source).tests}
    for code, number in sorted(wanted - known):
        method = services.add_method(
            actor=stage.people["ravi"],
            site=stage.site,
            code=code,
            number=number,
            name=f"Method {code}",
            suitability="Illustrative: the site's validation report stands here",
        )
        services.approve_method(actor=stage.people["quinn"], method=method, signer=stage.signer("quinn", "approved"))
