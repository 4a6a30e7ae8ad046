from django.urls import path

from mes.accounts import api

urlpatterns = [
    path("tokens", api.Tokens.as_view(), name="tokens"),
    path("me", api.Me.as_view(), name="me"),
    path("me/password", api.OwnPassword.as_view(), name="own-password"),
    path("sites/<uuid:site_id>/clock", api.SiteClock.as_view(), name="site-clock"),
    path("users", api.Users.as_view(), name="users"),
    path("users/<uuid:user_id>/grants", api.Grants.as_view(), name="grants"),
    path("people", api.People.as_view(), name="people"),
    path("users/<uuid:user_id>/deactivate", api.Deactivate.as_view(), name="deactivate"),
    path("users/<uuid:user_id>/credentials", api.ResetCredentials.as_view(), name="reset-credentials"),
    path("users/<uuid:user_id>/unlock", api.Unlock.as_view(), name="unlock"),
    path("users/<uuid:user_id>/training", api.Training.as_view(), name="training"),
    path("grants/<uuid:grant_id>/withdraw", api.WithdrawGrant.as_view(), name="grant-withdraw"),
]
