from django.urls import path

from equipment import views
from equipment.alarms import views as alarms
from equipment.terminals import views as terminals

app_name = "equipment"
urlpatterns = [
    path("alarms/", alarms.alarms, name="alarms"),
    path("alarms/month/", alarms.month, name="alarm_month"),
    path("alarms/strip/", alarms.strip, name="alarm_strip"),
    path("alarms/definitions/", alarms.definitions, name="alarm_definitions"),
    path("alarms/definitions/<uuid:definition_id>/", alarms.definition, name="alarm_definition"),
    path("alarms/definitions/<uuid:definition_id>/withdraw/", alarms.withdraw, name="withdraw_alarm_definition"),
    path("alarms/<uuid:alarm_id>/", alarms.alarm, name="alarm"),
    path("alarms/<uuid:alarm_id>/acknowledge/", alarms.acknowledge, name="acknowledge_alarm"),
    path("alarms/<uuid:alarm_id>/rate/", alarms.rate, name="rate_alarm"),
    path("alarms/<uuid:alarm_id>/shelve/", alarms.shelve, name="shelve_alarm"),
    path("equipment/", views.units, name="units"),
    path("equipment/units/<uuid:unit_id>/", views.unit, name="unit"),
    path("equipment/checks/<uuid:equipment_check_id>/", views.check, name="check"),
    path("equipment/units/<uuid:unit_id>/check/", views.request_check, name="request_check"),
    path("equipment/units/<uuid:unit_id>/clean/", views.clean, name="clean"),
    path("equipment/rooms/<uuid:room_id>/", views.room, name="room"),
    path("terminals/", terminals.terminals, name="terminals"),
    path("terminals/new/", terminals.register, name="register_terminal"),
    path("terminals/<uuid:terminal_id>/", terminals.terminal, name="terminal"),
    path("terminals/<uuid:terminal_id>/key/", terminals.new_key, name="terminal_key"),
    path("terminals/<uuid:terminal_id>/move/", terminals.move, name="move_terminal"),
    path("terminals/<uuid:terminal_id>/retire/", terminals.retire, name="retire_terminal"),
    path("terminals/<uuid:terminal_id>/this-device/", terminals.this_device, name="this_device"),
]
