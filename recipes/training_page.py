"""The page of who is trained on a version; whoever issues batches records there a training they gave."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from mes.accounts.models import User
from mes.accounts.services import record_training
from mes.errors import MesError
from mes.web import page, refused
from recipes.api import version_for
from recipes.forms import TrainingForm
from recipes.training import subject_of, trainees


@page("recipes.view")
def training(request: HttpRequest, version_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    version = version_for(user, version_id)
    people = trainees(version)
    form = TrainingForm([each.person for each in people if each.person != user], request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        trained, days = form.person(), form.cleaned_data["valid_days"]
        try:
            record_training(
                actor=user, user=trained, subject=subject_of(version), version=version.number, valid_days=days
            )
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            messages.success(request, f"{trained.printed_name} is trained on {version}.")
            return redirect("recipes:training", version_id=version_id)
    context = {
        "version": version,
        "site": version.site,
        "trainees": people,
        "form": form,
        "may_record": user.may("batches.issue", version.site),
    }
    return render(request, "recipes/training.html", context, status=status)
