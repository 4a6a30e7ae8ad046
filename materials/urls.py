from django.urls import path

from materials import views

app_name = "materials"
urlpatterns = [
    path("materials/lots/", views.lots, name="lots"),
    path("materials/lots/receive", views.receive, name="receive"),
    path("materials/lots/<uuid:lot_id>", views.lot, name="lot"),
    path("materials/lots/<uuid:lot_id>/release", views.release, name="release"),
    path("materials/lots/<uuid:lot_id>/withdraw", views.withdraw, name="withdraw"),
]
