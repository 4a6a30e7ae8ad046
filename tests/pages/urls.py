"""The house, and one page more: the run screen in a state of choice."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from batches.run_page import screen
from mes.urls import handler400, handler403, handler404, handler500
from mes.urls import urlpatterns as house
from tests.pages.run_states import state

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def run_state(request: HttpRequest, name: str) -> HttpResponse:
    shown = screen(state(name), full_credential="full" in request.GET, may_command=name == "held")
    return render(request, "batches/run.html", shown)


urlpatterns = [path("states/<str:name>/", run_state), *house]
