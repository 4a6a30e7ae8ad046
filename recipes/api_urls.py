from django.urls import path

from recipes import api

urlpatterns = [
    path("recipes", api.Recipes.as_view()),
    path("recipes/validate", api.Validate.as_view()),
    path("recipes/schema", api.Schema.as_view()),
    path("recipes/effective", api.Effective.as_view()),
    path("recipes/<uuid:recipe_id>", api.RecipeView.as_view()),
    path("recipes/<uuid:recipe_id>/versions", api.Versions.as_view()),
    path("recipe-versions/<uuid:version_id>", api.Version.as_view()),
    path("recipe-versions/<uuid:version_id>/submit", api.Submit.as_view()),
    path("recipe-versions/<uuid:version_id>/send-back", api.SendBack.as_view()),
    path("recipe-versions/<uuid:version_id>/review", api.Review.as_view()),
    path("recipe-versions/<uuid:version_id>/approve", api.Approve.as_view()),
    path("recipe-versions/<uuid:version_id>/withdraw", api.Withdraw.as_view()),
    path("recipe-versions/<uuid:version_id>/compare", api.Compare.as_view()),
]
