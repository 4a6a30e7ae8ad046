"""What the calls of equipment share."""

from __future__ import annotations

from rest_framework.request import Request

from mes.accounts.models import Site, User
from mes.api import ActView, credential
from mes.errors import NotFound
from mes.records.signing import Signer, authenticate_signer

TAGS = ["equipment"]


def site_of(user: User, code: str, permission: str) -> Site:
    site = Site.objects.filter(code=code, id__in=user.sites_for(permission)).first()
    if site is None:
        raise NotFound(f"There is no site {code} where you may do this.", site=code)
    return site


class CheckedActView(ActView):
    """An act that a second person checks and signs in the same call, under `verification`."""

    def checker(self, request: Request, site: Site) -> Signer:
        given = credential(request, "verification")
        return authenticate_signer(given, meaning="checked", site=site, acting=self.user)
