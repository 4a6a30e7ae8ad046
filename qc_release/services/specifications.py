"""Acts on specifications and methods."""

from django.db import IntegrityError

from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput
from mes.records.services import act, sign
from mes.records.signing import Signer
from qc_release.document import SpecificationDocument, digest, read_specification
from qc_release.models import Method, Specification, SpecificationVersion
from qc_release.services.shared import require_own
from qc_release.states import METHOD, SPECIFICATION_VERSION, VersionState


def import_specification(*, actor: User, site: Site, source: str, change_control: str = "") -> SpecificationVersion:
    """A draft from its YAML or JSON text. From version 2 on it names its change control (R-077)."""
    require(actor, "qc.specify", site)
    document = read_specification(source)
    with act(actor, "qc_release.import_specification", site=site) as event:
        specification = _specification(site, document)
        number = specification.versions.count() + 1
        if number > 1 and not change_control.strip():
            raise InvalidInput("A change of a specification names its change control.", field="change_control")
        version = SpecificationVersion.objects.create(
            specification=specification,
            number=number,
            source=source,
            document=document.model_dump(mode="json"),
            sha256=digest(source),
            change_control=change_control,
            author=actor,
            imported_at=clock.now(site),
        )
        event.data |= {"specification": str(version), "sha256": version.sha256}
    return version


def approve_version(*, actor: User, version: SpecificationVersion, signer: Signer) -> SpecificationVersion:
    """Quality puts a draft into force; the version before it is superseded in the same act."""
    require_own(signer, actor)
    site = version.site
    with act(actor, "qc_release.approve_specification", site=site, subject=version) as event:
        version = _locked(version)
        former = version.specification.versions.filter(status=VersionState.EFFECTIVE).first()
        if former is not None:
            SPECIFICATION_VERSION.move(former, "supersede", event=event)
        version.effective_from = clock.now(site)
        version.save(update_fields=["effective_from"])
        SPECIFICATION_VERSION.move(version, "approve", event=event, signers=[signer])
        sign(event, signer, subject=version, meaning="approved")
    return version


def withdraw_version(*, actor: User, version: SpecificationVersion, reason: str) -> SpecificationVersion:
    """Give up a draft. It stays readable."""
    site = version.site
    with act(actor, "qc_release.withdraw_specification", site=site, subject=version, reason=reason) as event:
        version = _locked(version)
        SPECIFICATION_VERSION.move(version, "withdraw", event=event)
    return version


def add_method(*, actor: User, site: Site, code: str, number: str, name: str, suitability: str) -> Method:
    """A test method and the proof that it suits its purpose, as a draft (R-148)."""
    require(actor, "qc.specify", site)
    if not suitability.strip():
        raise InvalidInput("Name the validation or verification of the method.", field="suitability")
    method = Method(site=site, code=code, number=number, name=name, suitability=suitability, author=actor)
    with act(actor, "qc_release.add_method", site=site, subject=method):
        try:
            method.save(force_insert=True)
        except IntegrityError:
            raise Conflict(f"{site} already has {method}.", method=str(method)) from None
    return method


def approve_method(*, actor: User, method: Method, signer: Signer) -> Method:
    require_own(signer, actor)
    with act(actor, "qc_release.approve_method", site=method.site, subject=method) as event:
        method = Method.objects.select_related("site", "author").select_for_update(of=("self",)).get(pk=method.pk)
        METHOD.move(method, "approve", event=event, signers=[signer])
        sign(event, signer, subject=method, meaning="approved")
    return method


def retire_method(*, actor: User, method: Method, reason: str) -> Method:
    """No further results by this version of the method; those it gave stay."""
    with act(actor, "qc_release.retire_method", site=method.site, subject=method, reason=reason) as event:
        method = Method.objects.select_related("site").select_for_update(of=("self",)).get(pk=method.pk)
        METHOD.move(method, "retire", event=event)
    return method


def _specification(site: Site, document: SpecificationDocument) -> Specification:
    """The specification this document is a version of; a product has one at a site."""
    found = Specification.objects.select_for_update().filter(site=site, code=document.code).first()
    if found is None:
        return _new_specification(site, document)
    if found.product_code != document.product_code:
        raise Conflict(f"{found} is the specification of {found.product_code}.", product=document.product_code)
    return found


def _new_specification(site: Site, document: SpecificationDocument) -> Specification:
    try:
        return Specification.objects.create(
            site=site, code=document.code, name=document.name, product_code=document.product_code
        )
    except IntegrityError:
        raise Conflict(f"{document.product_code} has another specification at {site}.") from None


def _locked(version: SpecificationVersion) -> SpecificationVersion:
    rows = SpecificationVersion.objects.select_related("specification__site", "author")
    return rows.select_for_update(of=("self",)).get(pk=version.pk)
