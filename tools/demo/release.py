"""Laboratory and quality: results, reviews, release with results pending, the late results, the final certificate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tools.demo.batch import Manufacture
from tools.demo.scripts import RECALL, Script
from tools.demo.stage import Stage

REVIEWS = ("review", "audit-review", "environment-review")


@dataclass
class Quality:
    """From the samples to the certificate."""

    stage: Stage
    manufacture: Manufacture
    reported: list[dict[str, Any]] = field(default_factory=list)

    @property
    def script(self) -> Script:
        return self.manufacture.script

    @property
    def path(self) -> str:
        return self.manufacture.path

    def test(self) -> None:
        """Every sample reaches the laboratory; what is ready in time is reported."""
        carl = self.stage["carl"]
        self.samples: dict[str, str] = {}
        for tube in self.manufacture.journey.containers("sample"):
            body = {"batch_id": self.manufacture.slot["batch_id"], "container": tube["label"]}
            sample = carl.post("samples", body | {"source": "Cell processor", "description": "Tube, in-process"})
            self.samples[sample["stage"]] = sample["id"]
            for test, (value, unit) in self.script.results[sample["stage"]].items():
                if sample["stage"] != "release" or test not in self.script.late:
                    self.report(sample["id"], test, value, unit)

    def report(self, sample: str, test: str, value: str, unit: str) -> None:
        """One analyst enters and signs, another checks."""
        cora, result = self.stage["cora"], self.signed(sample, test, value, unit)
        checked = {"signature": cora.signature(seen=result["manifest_digest"])}
        self.reported.append(cora.post(f"results/{result['id']}/check", checked))

    def signed(self, sample: str, test: str, value: str, unit: str) -> dict[str, Any]:
        """A result as its analyst signed it."""
        carl = self.stage["carl"]
        body = {"test_id": test, "value": value, "unit": unit, "amount": "1", "amount_unit": "mL"}
        body |= {"raw_data": f"LIMS/{test}/{sample[:8]}", "calculation": "As in the method"}
        result: dict[str, Any] = carl.post(f"samples/{sample}/results", body | {"signature": carl.signature()})
        return result

    def release(self, decision: str) -> None:
        """Three reviews, then the decision with user name and password. Whoever worked on the batch cannot."""
        petra = self.stage["petra"]
        self.manufacture.decide_exceptions("Reviewed with the record; no effect on the product.")
        for review in REVIEWS:
            petra.post(f"{self.path}/{review}/sign", {"signature": petra.signature()})
        sheet = self.stage.wait("the last signature is sealed", self.sealed_sheet)
        body = {"decision": decision, "comment": "Meets the specification.", "recall_path": RECALL}
        signature = petra.signature(full=True, seen=sheet["digest"])
        petra.post(f"{self.path}/release", body | {"signature": signature})

    def sealed_sheet(self) -> dict[str, Any] | None:
        """The release sheet. Signatures are sealed within seconds; what else stands in the way is told at release."""
        sheet: dict[str, Any] = self.stage["petra"].get(f"{self.path}/review")
        codes = {each["code"] for each in sheet["blocks"]}
        return None if "records_not_sealed" in codes else sheet

    def late_results(self) -> None:
        """Sterility takes 14 days: the product is with the patient when these arrive."""
        for test in self.script.late:
            self.report(self.samples["release"], test, *self.script.results["release"][test])

    def certificate(self) -> bytes:
        """The latest certificate, as soon as the worker has made it."""
        petra = self.stage["petra"]
        number = petra.get(self.path)["number"]

        def issued() -> dict[str, Any] | None:
            newest: dict[str, Any] = petra.get("certificates", batch=number)["results"][0]
            return newest if newest["status"] == "issued" else None

        found = self.stage.wait("the certificate is made", issued)
        return petra.download(f"certificates/{found['id']}/pdf")

    def ask_for_batch_record(self) -> str:
        document: str = self.stage["petra"].post(f"{self.path}/documents")["id"]
        return document

    def batch_record(self, document: str) -> bytes:
        """What was asked for, as soon as the worker has made it."""
        petra = self.stage["petra"]

        def rendered() -> bool:
            return bool(petra.get(f"batch-documents/{document}")["status"] == "rendered")

        self.stage.wait("the batch record is made", rendered)
        return petra.download(f"batch-documents/{document}/file")
