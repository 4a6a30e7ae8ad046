from django.urls import path

from mes.pages import install, signatures, views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("service-worker.js", install.service_worker, name="service_worker"),
    path("no-network/", install.no_network, name="no_network"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("lock/", views.lock, name="lock"),
    path("me/", views.profile, name="profile"),
    path("me/language/", views.language, name="language"),
    path("records/", views.records, name="records"),
    path("signatures/<uuid:signature_id>/withdraw/", signatures.withdraw, name="withdraw_signature"),
    path("records/export.csv", views.export_records, {"form": "csv"}, name="records_csv"),
    path("records/export.json", views.export_records, {"form": "json"}, name="records_json"),
]
