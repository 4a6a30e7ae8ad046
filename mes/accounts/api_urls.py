from django.urls import path

from mes.accounts import api, enrolment_api
from mes.accounts.passkeys import api as passkeys

urlpatterns = [
    path("tokens", api.Tokens.as_view(), name="tokens"),
    path("me", api.Me.as_view(), name="me"),
    path("me/password", api.OwnPassword.as_view(), name="own-password"),
    path("me/language", api.OwnLanguage.as_view(), name="own-language"),
    path("sites/<uuid:site_id>/clock", api.SiteClock.as_view(), name="site-clock"),
    path("users", api.Users.as_view(), name="users"),
    path("users/<uuid:user_id>/grants", api.Grants.as_view(), name="grants"),
    path("people", api.People.as_view(), name="people"),
    path("users/<uuid:user_id>/deactivate", api.Deactivate.as_view(), name="deactivate"),
    path("users/<uuid:user_id>/credentials", api.ResetCredentials.as_view(), name="reset-credentials"),
    path("users/<uuid:user_id>/unlock", api.Unlock.as_view(), name="unlock"),
    path("users/<uuid:user_id>/language", api.Language.as_view(), name="language"),
    path("users/<uuid:user_id>/training", api.Training.as_view(), name="training"),
    path("grants/<uuid:grant_id>/withdraw", api.WithdrawGrant.as_view(), name="grant-withdraw"),
    path("users/<uuid:user_id>/identity-checks", enrolment_api.IdentityChecks.as_view(), name="identity-checks"),
    path("users/<uuid:user_id>/badge", enrolment_api.IssueBadge.as_view(), name="badge-issue"),
    path("users/<uuid:user_id>/badge/test", enrolment_api.TestBadge.as_view(), name="badge-test"),
    path("users/<uuid:user_id>/badge/revoke", enrolment_api.RevokeBadge.as_view(), name="badge-revoke"),
    path("sites/<uuid:site_id>/only-registered-terminals", enrolment_api.OnlyRegisteredTerminals.as_view()),
    path("sites/<uuid:site_id>/full-credential", enrolment_api.FullCredential.as_view(), name="site-full-credential"),
    path("badges/overdue", enrolment_api.OverdueBadges.as_view(), name="badges-overdue"),
    path("signature-policies", enrolment_api.SignaturePolicies.as_view(), name="signature-policies"),
    path("me/signature-policy", enrolment_api.OwnAcceptance.as_view(), name="own-acceptance"),
    path("passkeys/ask/sign-in", passkeys.AskForSignIn.as_view(), name="passkey-ask-sign-in"),
    path("passkeys/ask/signature", passkeys.AskForSignature.as_view(), name="passkey-ask-signature"),
    path("me/passkeys/begin", passkeys.BeginPasskey.as_view(), name="passkeys-begin"),
    path("me/passkeys", passkeys.OwnPasskeys.as_view(), name="passkeys"),
    path("me/passkeys/<uuid:passkey_id>/remove", passkeys.RemovePasskey.as_view(), name="passkeys-remove"),
    path(
        "users/<uuid:user_id>/passkeys/<uuid:passkey_id>/revoke",
        passkeys.RevokePasskey.as_view(),
        name="passkeys-revoke",
    ),
]
