from django.urls import path

from chain_of_identity.views import custody, label_accounts, orders, treatment

app_name = "chain_of_identity"
urlpatterns = [
    path("orders/", orders.orders, name="orders"),
    path("orders/new/", orders.order_new, name="order_new"),
    path("orders/<uuid:order_id>/", orders.journey, name="journey"),
    path("orders/<uuid:order_id>/labels/", orders.labels, name="labels"),
    path("orders/<uuid:order_id>/labels/wristband/", orders.label_print, name="wristband"),
    path("orders/<uuid:order_id>/labels/<str:label>/", orders.label_print, name="label_print"),
    path("orders/<uuid:order_id>/label-accounts/", label_accounts.label_accounts, name="label_accounts"),
    path("orders/<uuid:order_id>/label-accounts/fate/", label_accounts.label_fate, name="label_fate"),
    path("orders/<uuid:order_id>/label-accounts/explain/", label_accounts.explain_labels, name="explain_labels"),
    path("orders/<uuid:order_id>/collection/", orders.collection, name="collection"),
    path("orders/<uuid:order_id>/identity/", orders.reveal, name="reveal"),
    path("orders/<uuid:order_id>/cannot-scan/", custody.cannot_scan, name="cannot_scan"),
    path("orders/<uuid:order_id>/hand-over/", custody.handover, name="handover"),
    path("orders/<uuid:order_id>/receipt/", custody.receipt, name="receipt"),
    path("orders/<uuid:order_id>/shipment/", custody.shipment, name="shipment"),
    path("orders/<uuid:order_id>/thaw/", treatment.thaw, name="thaw"),
    path("orders/<uuid:order_id>/bedside/", treatment.bedside, name="bedside"),
    path("orders/<uuid:order_id>/infusion/<uuid:check_id>/", treatment.infusion, name="infusion"),
    path("clinic-notices/<uuid:clinic_notice_id>/confirm/", orders.confirm_notice, name="confirm_notice"),
    path("hand-overs/", custody.handovers, name="handovers"),
    path("hand-overs/<uuid:handover_id>/", custody.take, name="take"),
    path("hand-overs/<uuid:handover_id>/decline/", custody.decline, name="decline"),
]
