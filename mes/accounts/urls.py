from django.urls import path

from mes.accounts import views

app_name = "accounts"
urlpatterns = [
    path("accounts/", views.accounts, name="list"),
    path("accounts/new/", views.new, name="new"),
    path("accounts/<uuid:user_id>/", views.account, name="account"),
    path("accounts/<uuid:user_id>/roles/", views.grant, name="grant"),
    path("accounts/<uuid:user_id>/roles/<uuid:grant_id>/withdraw/", views.withdraw, name="withdraw"),
    path("accounts/<uuid:user_id>/reset/", views.reset, name="reset"),
    path("accounts/<uuid:user_id>/unlock/", views.unlock, name="unlock"),
    path("accounts/<uuid:user_id>/close/", views.close, name="close"),
]
