from django.urls import path

from materials import api

urlpatterns = [
    path("materials", api.Materials.as_view()),
    path("lots", api.Lots.as_view()),
    path("lots/lookup", api.LotLookup.as_view()),
    path("lots/<uuid:lot_id>", api.LotView.as_view()),
    path("lots/<uuid:lot_id>/release", api.ReleaseLot.as_view()),
    path("lots/<uuid:lot_id>/reject", api.RejectLot.as_view()),
    path("lots/<uuid:lot_id>/recall", api.RecallLot.as_view()),
    path("lots/<uuid:lot_id>/batches", api.LotBatches.as_view()),
    path("lot-uses", api.LotUses.as_view()),
]
