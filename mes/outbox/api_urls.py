from django.urls import path

from mes.outbox import api

urlpatterns = [
    path("subscriptions", api.Subscriptions.as_view()),
    path("subscriptions/kinds", api.Kinds.as_view()),
    path("subscriptions/<uuid:subscription_id>/end", api.EndSubscription.as_view()),
    path("subscriptions/<uuid:subscription_id>/test", api.TestSubscription.as_view()),
    path("outbox", api.Messages.as_view()),
    path("outbox/<uuid:message_id>/send-again", api.SendAgain.as_view()),
    path("outbox/<uuid:message_id>/set-aside", api.SetAside.as_view()),
]
