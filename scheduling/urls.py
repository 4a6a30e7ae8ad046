from django.urls import path

from scheduling import views

app_name = "scheduling"
urlpatterns = [
    path("planner/", views.board, name="board"),
    path("planner/slots/", views.slots, name="slots"),
    path("planner/slots/<uuid:slot_id>", views.slot, name="slot"),
    path("planner/slots/<uuid:slot_id>/confirm", views.confirm, name="confirm"),
    path("planner/slots/<uuid:slot_id>/release", views.release, name="release"),
    path("planner/slots/<uuid:slot_id>/move", views.move, name="move"),
    path("planner/orders/<uuid:order_id>/hold", views.hold, name="hold"),
]
