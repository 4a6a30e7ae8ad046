from django.urls import path

from mes.records import api

urlpatterns = [
    path("events", api.Events.as_view(), name="events"),
    path("events/<uuid:event_id>/proof", api.Proof.as_view(), name="event-proof"),
    path("signatures/<uuid:signature_id>", api.OneSignature.as_view(), name="signature"),
    path("signatures/<uuid:signature_id>/withdraw", api.WithdrawSignature.as_view(), name="signature-withdraw"),
    path("security-events", api.SecurityEvents.as_view(), name="security-events"),
    path("seal", api.Seal.as_view(), name="seal"),
]
