"""The laboratory of the demonstration site: methods and specifications in force, and one sample on the bench."""

from decimal import Decimal
from pathlib import Path

from chain_of_identity.models import Container
from mes.demonstration import Stage
from qc_release import services
from qc_release.document import read_specification
from qc_release.models import Method, Result, Sample, SpecificationVersion
from qc_release.queries.lookups import batches_visible_to

LIBRARY = Path(__file__).parent / "library"
CHECKED, TO_CHECK = ("tnc", "4500000000", "cells"), ("cd3_percent", "55.2", "%")


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


def play(stage: Stage) -> None:
    """Of the first tube one result is checked, one waits for Cora, one for Carl; the next tube was not received yet."""
    tube = Container.objects.filter(order__site=stage.site, holds=Container.Holds.SAMPLE).order_by("made_at").first()
    if tube is None or tube.batch_id is None:
        return
    batch = batches_visible_to(stage.people["carl"]).get(pk=tube.batch_id)
    sample = services.register_sample(actor=stage.people["carl"], batch=batch, container=tube)
    signer = stage.signer("cora", "checked")
    services.check_result(actor=stage.people["cora"], result=_reported(stage, sample, *CHECKED), signer=signer)
    _reported(stage, sample, *TO_CHECK)


def _reported(stage: Stage, sample: Sample, test: str, value: str, unit: str) -> Result:
    return services.record_result(
        actor=stage.people["carl"],
        sample=sample,
        test_id=test,
        value=value,
        unit=unit,
        amount=Decimal("0.5"),
        amount_unit="mL",
        raw_data=f"LIMS/{sample.code}/{test}",
        calculation="As in the method",
        signer=stage.signer("carl", "performed"),
    )
