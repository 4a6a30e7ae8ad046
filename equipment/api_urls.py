from django.urls import path

from equipment import api

urlpatterns = [
    path("equipment-classes", api.Classes.as_view()),
    path("equipment-commands/<uuid:command_id>", api.CommandView.as_view()),
    path("rooms", api.Rooms.as_view()),
    path("rooms/<uuid:room_id>", api.RoomView.as_view()),
    path("rooms/<uuid:room_id>/status", api.SetRoomStatus.as_view()),
    path("units", api.Units.as_view()),
    path("units/lookup", api.UnitLookup.as_view()),
    path("units/<uuid:unit_id>", api.UnitView.as_view()),
    path("units/<uuid:unit_id>/calibrations", api.Calibrations.as_view()),
    path("units/<uuid:unit_id>/cleanings", api.Cleanings.as_view()),
    path("units/<uuid:unit_id>/commands", api.Commands.as_view()),
    path("units/<uuid:unit_id>/live", api.Live.as_view()),
    path("units/<uuid:unit_id>/log", api.UnitLog.as_view()),
    path("units/<uuid:unit_id>/out-of-service", api.TakeUnitOut.as_view()),
    path("units/<uuid:unit_id>/qualification", api.QualifyUnit.as_view()),
    path("units/<uuid:unit_id>/readings", api.Readings.as_view()),
]
