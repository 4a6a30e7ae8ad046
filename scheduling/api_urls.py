from django.urls import path

from scheduling import api

urlpatterns = [
    path("suites", api.Suites.as_view()),
    path("therapies", api.Therapies.as_view()),
    path("slots", api.Slots.as_view()),
    path("slots/open", api.OpenSlots.as_view()),
    path("slots/notices", api.Notices.as_view()),
    path("slots/<uuid:slot_id>", api.SlotView.as_view()),
    path("slots/<uuid:slot_id>/confirm", api.ConfirmSlot.as_view()),
    path("slots/<uuid:slot_id>/release", api.ReleaseSlot.as_view()),
    path("slots/<uuid:slot_id>/moves", api.MoveSlot.as_view()),
    path("slots/<uuid:slot_id>/units", api.BookUnit.as_view()),
    path("slots/<uuid:slot_id>/operators", api.AssignOperator.as_view()),
    path("slots/<uuid:slot_id>/lots", api.ReserveLot.as_view()),
]
