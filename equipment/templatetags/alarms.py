"""{% load alarms %}{% alarm_strip %}: the one alarm to look at first, on any page. It keeps itself current."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.http import urlencode

from equipment.alarms.views import strip_context
from mes.accounts.models import User

register = template.Library()


@register.inclusion_tag("equipment/alarms/_place.html", takes_context=True)
def alarm_strip(context: RequestContext, batch: Any = "") -> dict[str, Any]:
    """`batch` is the batch in hand: among equals its alarm comes first. Empty for whoever sees no equipment."""
    request = context["request"]
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.may_anywhere("equipment.view"):
        return {"address": ""}
    query = f"?{urlencode({'batch': batch})}" if batch else ""
    return strip_context(request, str(batch)) | {"address": reverse("equipment:alarm_strip") + query}
