"""Taking a signature back: a new signed act beside the old one, by the same person (R-056)."""

from django.db import IntegrityError, transaction

from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.records.models import Signature, Withdrawal
from mes.records.services import act, sign
from mes.records.signing import Signer

MEANING = "withdrawn"


def withdraw_signature(*, actor: User, signature: Signature, signer: Signer, reason: str) -> Withdrawal:
    """From now on the record counts as not signed with this signature, which stays where it is.

    Only the person who gave it takes it back, with a full credential. A withdrawal is not withdrawn.
    """
    if not actor.id == signature.signer_id == signer.user_id:
        raise NotPermitted("Only who gave a signature withdraws it.", rule="own_signature")
    if not signer.full:
        raise SignatureRefused("A withdrawal needs your password or your passkey.", full_credential=True)
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason")
    if signature.is_withdrawn or signature.meaning == MEANING:
        raise WrongState("This signature has been withdrawn.", signature=str(signature.id))
    site, batch = site_of(signature), signature.event.batch_id
    withdrawal = Withdrawal(signature=signature, reason=reason.strip())
    with act(actor, "records.withdraw_signature", site=site, subject=withdrawal, batch=batch, reason=reason) as event:
        try:
            with transaction.atomic():
                withdrawal.save(force_insert=True)
        except IntegrityError as error:
            raise WrongState("This signature has been withdrawn.", signature=str(signature.id)) from error
        sign(event, signer, subject=withdrawal, meaning=MEANING)
    return withdrawal


def site_of(signature: Signature) -> Site:
    """Where it was given."""
    at = signature.event.site_id
    if at is None:
        raise WrongState("This signature was given at no site.", signature=str(signature.id))
    return Site.objects.get(id=at)
