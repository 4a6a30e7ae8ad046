from django.urls import path

from batches import (
    exception_pages,
    find_pages,
    floor_pages,
    paper_form_pages,
    photo_pages,
    redline_pages,
    run_page,
    views,
)

app_name = "batches"
_BATCH = "batches/<uuid:batch_id>"

urlpatterns = [
    path("batches/", views.batches, name="list"),
    path("wall/", views.wall, name="wall"),
    path("scan-health/", views.health_of_scanning, name="scan_health"),
    path("command-cards/", views.command_cards, name="command_cards"),
    path("find/", find_pages.find, name="find"),
    path("rooms/<uuid:room_id>/batches/", find_pages.room, name="room"),
    path("floor/", floor_pages.floor, name="floor"),
    path("calls/<uuid:call_id>/answer/", floor_pages.answer, name="answer_call"),
    path("calls/<uuid:call_id>/settle/", floor_pages.settle, name="settle_call"),
    path(f"{_BATCH}/", views.overview, name="overview"),
    path(f"{_BATCH}/others/", find_pages.others, name="others"),
    path(f"{_BATCH}/run/", run_page.run, name="run"),
    path(f"{_BATCH}/record/", views.record, name="record"),
    path(f"{_BATCH}/issue/", views.issue, name="issue"),
    path(f"{_BATCH}/commands/", views.command, name="command"),
    path(f"{_BATCH}/material/", views.decide_on_material, name="material"),
    path(f"{_BATCH}/documents/", views.request_document, name="documents"),
    path(f"{_BATCH}/deviations/new/", exception_pages.open_deviation, name="open_deviation"),
    path(f"{_BATCH}/redlines/new/", redline_pages.propose, name="propose_redline"),
    path(f"{_BATCH}/paper-forms/", paper_form_pages.forms_of_batch, name="paper_forms"),
    path("paper-forms/", paper_form_pages.forms_out, name="paper_forms_out"),
    path("paper-forms/<uuid:form_id>/print/", paper_form_pages.printed, name="paper_form_print"),
    path("paper-forms/<uuid:form_id>/scan/", paper_form_pages.scan, name="paper_form_scan"),
    path("redlines/<uuid:redline_id>/", redline_pages.redline, name="redline"),
    path("batch-documents/<uuid:document_id>/", views.document, name="document"),
    path("steps/<uuid:step_id>/", run_page.step, name="step"),
    path("photos/<uuid:photo_id>/", photo_pages.photo, name="photo"),
    path("exceptions/<uuid:exception_id>/", exception_pages.exception, name="exception"),
    path("deviations/<uuid:deviation_id>/", exception_pages.deviation, name="deviation"),
]
