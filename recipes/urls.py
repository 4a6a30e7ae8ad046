from django.urls import path

from recipes import training_page, views

app_name = "recipes"
urlpatterns = [
    path("recipes/", views.all_recipes, name="list"),
    path("recipes/import", views.import_recipe, name="import"),
    path("recipes/<uuid:recipe_id>/revise", views.revise, name="revise"),
    path("recipes/versions/<uuid:version_id>", views.version, name="version"),
    path("recipes/versions/<uuid:version_id>/training", training_page.training, name="training"),
    path("recipes/versions/<uuid:version_id>/edit", views.rewrite, name="rewrite"),
    path("recipes/versions/<uuid:version_id>/compare", views.compare, name="compare"),
    path("recipes/versions/<uuid:version_id>/source", views.source, name="source"),
    path("recipes/versions/<uuid:version_id>/submit", views.submit, name="submit"),
    path("recipes/versions/<uuid:version_id>/review", views.review, name="review"),
    path("recipes/versions/<uuid:version_id>/send-back", views.send_back, name="send_back"),
    path("recipes/versions/<uuid:version_id>/approve", views.approve, name="approve"),
    path("recipes/versions/<uuid:version_id>/withdraw", views.withdraw, name="withdraw"),
]
