from django.urls import path

from equipment import views
from equipment.alarms import views as alarms

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
]
