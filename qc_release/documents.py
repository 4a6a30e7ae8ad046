"""The certificate as PDF/A-3a, with the proof that it was sealed as an attachment."""

import json
from datetime import datetime

from mes.documents import Attachment, in_english, render_pdf
from qc_release.models import Certificate

PROOF = "inclusion-proof.json"
CONTENT = "certificate.json"


def certificate_pdf(certificate: Certificate) -> bytes:
    """The same certificate gives the same bytes: everything on it is in the row."""
    content = certificate.content
    html = in_english("qc_release/certificate.html", {"certificate": certificate, "content": content})
    return render_pdf(
        html,
        title=f"Certificate of analysis {content['batch']} version {certificate.number}",
        identity=f"Certificate of analysis · Batch {content['batch']} · COI {content['coi']}",
        made_at=datetime.fromisoformat(content["disposition"]["at_utc"]),
        attachments=[
            Attachment(CONTENT, _json(content), "application/json", "Everything this certificate says, for programs"),
            Attachment(PROOF, _json(certificate.proof), "application/json", "Checkpoint and inclusion proof"),
        ],
    )


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()
