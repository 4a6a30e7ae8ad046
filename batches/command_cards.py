"""Command cards: codes at the bench for hands that are in the cabinet. static/js/cards.js carries them out."""

from dataclasses import dataclass

from chain_of_identity.labels import qr_svg


@dataclass(frozen=True)
class Card:
    code: str
    title: str
    does: str

    @property
    def symbol(self) -> str:
        return qr_svg(self.code)


CARDS = (
    Card(
        "CMD:NEXT", "Next", "Presses the big button of the step. Where it takes a signature, it opens the sheet for it."
    ),
    Card("CMD:PHOTO", "Photo", "Opens the camera for a photo of the step."),
    Card("CMD:WIPE", "Wipe", "Locks the screen for 30 seconds, to wipe it."),
    Card("CMD:HELP", "Help", "Opens the call for a supervisor."),
)
