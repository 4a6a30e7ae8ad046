from django.urls import path

from equipment import views

app_name = "equipment"
urlpatterns = [
    path("equipment/", views.units, name="units"),
    path("equipment/units/<uuid:unit_id>/", views.unit, name="unit"),
    path("equipment/units/<uuid:unit_id>/clean/", views.clean, name="clean"),
    path("equipment/rooms/<uuid:room_id>/", views.room, name="room"),
]
