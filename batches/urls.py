from django.urls import path

from batches import exception_pages, run_page, views

app_name = "batches"
_BATCH = "batches/<uuid:batch_id>"

urlpatterns = [
    path("batches/", views.batches, name="list"),
    path("wall/", views.wall, name="wall"),
    path(f"{_BATCH}/", views.overview, name="overview"),
    path(f"{_BATCH}/run/", run_page.run, name="run"),
    path(f"{_BATCH}/record/", views.record, name="record"),
    path(f"{_BATCH}/issue/", views.issue, name="issue"),
    path(f"{_BATCH}/commands/", views.command, name="command"),
    path(f"{_BATCH}/material/", views.decide_on_material, name="material"),
    path(f"{_BATCH}/documents/", views.request_document, name="documents"),
    path(f"{_BATCH}/deviations/new/", exception_pages.open_deviation, name="open_deviation"),
    path("batch-documents/<uuid:document_id>/", views.document, name="document"),
    path("steps/<uuid:step_id>/", run_page.step, name="step"),
    path("exceptions/<uuid:exception_id>/", exception_pages.exception, name="exception"),
    path("deviations/<uuid:deviation_id>/", exception_pages.deviation, name="deviation"),
]
