from django.urls import path

from chain_of_identity.api import custody, notices, orders, treatment

urlpatterns = [
    path("orders", orders.Orders.as_view()),
    path("orders/<uuid:order_id>", orders.OrderView.as_view()),
    path("orders/<uuid:order_id>/cancel", orders.CancelOrder.as_view()),
    path("orders/<uuid:order_id>/consent", orders.RecordConsent.as_view()),
    path("orders/<uuid:order_id>/identity", orders.RevealIdentity.as_view()),
    path("orders/<uuid:order_id>/containers", orders.Containers.as_view()),
    path("orders/<uuid:order_id>/labels", orders.Labels.as_view()),
    path("orders/<uuid:order_id>/collections", orders.Collections.as_view()),
    path("orders/<uuid:order_id>/journey", orders.JourneyView.as_view()),
    path("orders/<uuid:order_id>/chain-report", orders.ChainReportView.as_view()),
    path("orders/<uuid:order_id>/chain-report.pdf", orders.ChainReportPdf.as_view(), name="order-chain-report-pdf"),
    path("orders/<uuid:order_id>/scans", custody.Scans.as_view()),
    path("orders/<uuid:order_id>/cannot-scan", custody.CannotScan.as_view()),
    path("orders/<uuid:order_id>/handovers", custody.Give.as_view()),
    path("orders/<uuid:order_id>/receipt", custody.AcceptReceipt.as_view()),
    path("orders/<uuid:order_id>/shipments", custody.Ship.as_view()),
    path("orders/<uuid:order_id>/thaw", treatment.Thaw.as_view()),
    path("orders/<uuid:order_id>/bedside-checks", treatment.CheckAtTheBed.as_view()),
    path("orders/<uuid:order_id>/infusions", treatment.RecordInfusion.as_view()),
    path("containers/<uuid:container_id>/discard", orders.DiscardContainer.as_view()),
    path("clinic-notices", notices.ClinicNotices.as_view()),
    path("clinic-notices/<uuid:clinic_notice_id>/confirm", notices.ConfirmNotice.as_view()),
    path("handovers", custody.Handovers.as_view()),
    path("handovers/<uuid:handover_id>/receive", custody.ReceiveHandover.as_view()),
    path("handovers/<uuid:handover_id>/refuse", custody.RefuseHandover.as_view()),
    path("handovers/<uuid:handover_id>/withdraw", custody.WithdrawHandover.as_view()),
]
