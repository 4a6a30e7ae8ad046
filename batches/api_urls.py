from django.urls import path

from batches.api import batches, deviations, recording, steps

_BATCH = "batches/<uuid:batch_id>"
_STEP = "steps/<uuid:step_id>"
_DEVIATION = "deviations/<uuid:deviation_id>"

urlpatterns = [
    path("batches", batches.Batches.as_view()),
    path(_BATCH, batches.BatchView.as_view()),
    path(f"{_BATCH}/record", batches.BatchRecordView.as_view()),
    path(f"{_BATCH}/issue", batches.IssueBatch.as_view()),
    path(f"{_BATCH}/commands", batches.CommandBatch.as_view()),
    path(f"{_BATCH}/material", batches.DecideOnMaterial.as_view()),
    path(f"{_BATCH}/exceptions", deviations.Exceptions.as_view()),
    path(f"{_BATCH}/deviations", deviations.Deviations.as_view()),
    path(f"{_BATCH}/documents", batches.Documents.as_view()),
    path("batch-documents/<uuid:document_id>", batches.DocumentView.as_view()),
    path("batch-documents/<uuid:document_id>/file", batches.DocumentFile.as_view()),
    path("next-actions", steps.NextActions.as_view()),
    path(_STEP, steps.StepView.as_view()),
    path(f"{_STEP}/start", steps.StartStep.as_view()),
    path(f"{_STEP}/scans", recording.ScanStep.as_view()),
    path(f"{_STEP}/entries", recording.Entries.as_view()),
    path(f"{_STEP}/entries/<uuid:entry_id>/correct", recording.CorrectEntry.as_view()),
    path(f"{_STEP}/materials", recording.Materials.as_view()),
    path(f"{_STEP}/units", recording.Units.as_view()),
    path(f"{_STEP}/send", recording.SendCommand.as_view()),
    path(f"{_STEP}/decide", recording.Decide.as_view()),
    path(f"{_STEP}/transfer", recording.TransferMaterial.as_view()),
    path(f"{_STEP}/sample", recording.DrawSample.as_view()),
    path(f"{_STEP}/complete", steps.CompleteStep.as_view()),
    path(f"{_STEP}/verify", steps.VerifyStep.as_view()),
    path(f"{_STEP}/commands", steps.CommandStep.as_view()),
    path("exceptions/<uuid:exception_id>/decide", deviations.DecideException.as_view()),
    path(_DEVIATION, deviations.DeviationView.as_view()),
    path(f"{_DEVIATION}/investigate", deviations.Investigate.as_view()),
    path(f"{_DEVIATION}/approve", deviations.Approve.as_view()),
    path(f"{_DEVIATION}/close", deviations.Close.as_view()),
]
