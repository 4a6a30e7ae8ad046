"""The house, and one page more: the run screen in a state of choice."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import RequestContext, Template
from django.urls import path

from batches.run_page import screen
from mes.languages import translated
from mes.pages.camera import with_camera
from mes.urls import handler400, handler403, handler404, handler500
from mes.urls import urlpatterns as house
from tests.pages.run_states import state

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


JOURNAL = Template(
    "<!doctype html><title>Journal</title>"
    "<div id=run data-user={{ user.username }} data-offline-minutes=15 data-offline-steps=3>{% csrf_token %}</div>"
    "<p data-connection hidden><span></span></p>"
)


@with_camera
@translated
def run_state(request: HttpRequest, name: str) -> HttpResponse:
    shown = screen(state(name), full_credential="full" in request.GET, may_command=name == "held")
    return render(request, "batches/run.html", shown)


def journal(request: HttpRequest) -> HttpResponse:
    """Nothing but the journal and the time it may go on without network: for tests of these alone."""
    return HttpResponse(JOURNAL.render(RequestContext(request)))


urlpatterns = [path("journal/", journal), path("states/<str:name>/", run_state), *house]
