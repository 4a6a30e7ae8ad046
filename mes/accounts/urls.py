from django.urls import path

from mes.accounts import enrolment_pages, views

app_name = "accounts"
urlpatterns = [
    path("accounts/", views.accounts, name="list"),
    path("accounts/new/", views.new, name="new"),
    path("accounts/<uuid:user_id>/", views.account, name="account"),
    path("accounts/<uuid:user_id>/roles/", views.grant, name="grant"),
    path("accounts/<uuid:user_id>/roles/<uuid:grant_id>/withdraw/", views.withdraw, name="withdraw"),
    path("accounts/<uuid:user_id>/reset/", views.reset, name="reset"),
    path("accounts/<uuid:user_id>/unlock/", views.unlock, name="unlock"),
    path("accounts/<uuid:user_id>/language/", views.language, name="language"),
    path("accounts/<uuid:user_id>/close/", views.close, name="close"),
    path("accounts/<uuid:user_id>/identity/", enrolment_pages.identity, name="identity"),
    path("accounts/<uuid:user_id>/badge/", enrolment_pages.badge, name="badge"),
    path("accounts/<uuid:user_id>/badge/test/", enrolment_pages.badge_test, name="badge_test"),
    path("accounts/<uuid:user_id>/badge/revoke/", enrolment_pages.badge_revoke, name="badge_revoke"),
    path(
        "accounts/<uuid:user_id>/passkeys/<uuid:passkey_id>/revoke/",
        enrolment_pages.passkey_revoke,
        name="passkey_revoke",
    ),
    path("accounts/badges/", enrolment_pages.badges_due, name="badges"),
    path("accounts/access-log/", enrolment_pages.access_log, name="access_log"),
    path("accounts/signature-policy/", enrolment_pages.signature_policy, name="signature_policy"),
    path("accounts/sites/<uuid:site_id>/terminals/", enrolment_pages.only_terminals, name="only_terminals"),
    path("accounts/sites/<uuid:site_id>/full-credential/", enrolment_pages.full_credential, name="full_credential"),
    path("me/signature-policy/", enrolment_pages.accept_policy, name="accept_policy"),
]
