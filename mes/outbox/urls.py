from django.urls import path

from mes.outbox import views

app_name = "outbox"
urlpatterns = [
    path("outbox/", views.messages, name="messages"),
    path("outbox/<uuid:message_id>/send-again/", views.send_again, name="send_again"),
    path("outbox/<uuid:message_id>/set-aside/", views.set_aside, name="set_aside"),
    path("webhooks/", views.subscriptions, name="subscriptions"),
    path("webhooks/new/", views.subscribe, name="subscribe"),
    path("webhooks/<uuid:subscription_id>/test/", views.send_test, name="send_test"),
    path("webhooks/<uuid:subscription_id>/end/", views.end, name="end"),
]
