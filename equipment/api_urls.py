from django.urls import path

from equipment.api import alarms, checks, classes, commands, files, readings, rooms, terminals, units, upkeep

urlpatterns = [
    path("alarm-definitions", alarms.Definitions.as_view()),
    path("alarm-definitions/<uuid:definition_id>", alarms.DefinitionView.as_view()),
    path("alarm-definitions/<uuid:definition_id>/change", alarms.ChangeDefinition.as_view()),
    path("alarm-definitions/<uuid:definition_id>/withdraw", alarms.WithdrawDefinition.as_view()),
    path("alarms", alarms.Alarms.as_view()),
    path("alarms/<uuid:alarm_id>", alarms.AlarmView.as_view()),
    path("alarms/<uuid:alarm_id>/acknowledge", alarms.AcknowledgeAlarm.as_view()),
    path("alarms/<uuid:alarm_id>/rate", alarms.RateAlarm.as_view()),
    path("alarms/<uuid:alarm_id>/shelve", alarms.ShelveAlarm.as_view()),
    path("equipment-checks/<uuid:equipment_check_id>", checks.CheckView.as_view()),
    path(
        "equipment-checks/<uuid:equipment_check_id>/report.pdf", checks.CheckPdf.as_view(), name="equipment-check-pdf"
    ),
    path("equipment-classes", classes.Classes.as_view()),
    path("equipment-commands/<uuid:command_id>", commands.CommandView.as_view()),
    path("instrument-files", files.Files.as_view()),
    path("instrument-files/<uuid:file_id>", files.FileView.as_view()),
    path("instrument-files/<uuid:file_id>/content", files.FileContent.as_view()),
    path("rooms", rooms.Rooms.as_view()),
    path("rooms/<uuid:room_id>", rooms.RoomView.as_view()),
    path("rooms/<uuid:room_id>/status", rooms.SetRoomStatus.as_view()),
    path("terminals", terminals.Terminals.as_view()),
    path("terminals/<uuid:terminal_id>/key", terminals.RenewTerminalKey.as_view()),
    path("terminals/<uuid:terminal_id>/move", terminals.MoveTerminal.as_view()),
    path("terminals/<uuid:terminal_id>/retire", terminals.RetireTerminal.as_view()),
    path("units", units.Units.as_view()),
    path("units/lookup", units.UnitLookup.as_view()),
    path("units/<uuid:unit_id>", units.UnitView.as_view()),
    path("units/<uuid:unit_id>/calibrations", upkeep.Calibrations.as_view()),
    path("units/<uuid:unit_id>/checks", checks.Checks.as_view()),
    path("units/<uuid:unit_id>/cleanings", upkeep.Cleanings.as_view()),
    path("units/<uuid:unit_id>/commands", commands.Commands.as_view()),
    path("units/<uuid:unit_id>/connection", units.ConnectUnit.as_view()),
    path("units/<uuid:unit_id>/live", readings.Live.as_view()),
    path("units/<uuid:unit_id>/log", upkeep.UnitLog.as_view()),
    path("units/<uuid:unit_id>/out-of-service", units.TakeUnitOut.as_view()),
    path("units/<uuid:unit_id>/qualification", units.QualifyUnit.as_view()),
    path("units/<uuid:unit_id>/readings", readings.Readings.as_view()),
]
