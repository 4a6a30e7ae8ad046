from django.urls import path

from qc_release import bench_pages, file_pages, investigation_pages, views

app_name = "qc_release"
_BATCH = "batches/<uuid:batch_id>"

urlpatterns = [
    path("release/", views.worklist, name="worklist"),
    path(f"{_BATCH}/review/", views.review, name="review"),
    path(f"{_BATCH}/review/exceptions/<uuid:exception_id>/", views.decide, name="decide"),
    path(f"{_BATCH}/review/<str:kind>/", views.sign, name="sign"),
    path(f"{_BATCH}/release/", views.release, name="release"),
    path("certificates/<uuid:certificate_id>/", views.certificate, name="certificate"),
    path("notices/<uuid:notice_id>/", views.notice, name="notice"),
    path("laboratory/", bench_pages.bench, name="bench"),
    path("laboratory/receive/", bench_pages.receive, name="receive"),
    path("laboratory/files/", file_pages.files, name="files"),
    path("laboratory/files/<uuid:match_id>/", file_pages.file, name="file"),
    path("laboratory/files/<uuid:match_id>/content", file_pages.content, name="file_content"),
    path("samples/<uuid:sample_id>/", bench_pages.sample, name="sample"),
    path("samples/<uuid:sample_id>/tests/<str:test_id>/", bench_pages.enter, name="enter"),
    path("results/<uuid:result_id>/", bench_pages.result, name="result"),
    path("investigations/<uuid:investigation_id>/", investigation_pages.investigation, name="investigation"),
    path("specifications/", bench_pages.specifications, name="specifications"),
    path("specifications/<uuid:version_id>/", bench_pages.specification, name="specification"),
]
