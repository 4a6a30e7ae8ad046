"""What to do now, in plain words, panel by panel. It is part of the run screen, so it is there without network."""

from mes.phrases import Phrase

WHAT_TO_DO = {
    "start": (Phrase("Get ready what the step needs."), Phrase("Press “Start step” when you begin, not before.")),
    "scan": (
        Phrase("Scan the label of the bag or tube. You need not touch a field first."),
        Phrase("A wrong bag stops the batch."),
    ),
    "unit": (Phrase("Scan the code on the unit or the room you work with."),),
    "lot": (Phrase("Scan the lot. The amount is worked out for this lot alone."),),
    "entry": (
        Phrase("Read the value. Enter it with the keys on the screen."),
        Phrase("Look at it once more, then press the button."),
    ),
    "material": (
        Phrase("Scan the lot of the material."),
        Phrase("Correct the quantity if it differs, then press the button."),
    ),
    "send": (Phrase("Read the set-points."), Phrase("Send them to the unit, or set them at the unit and say so.")),
    "decide": (Phrase("Read the question. Choose one answer."), Phrase("The steps that follow depend on it.")),
    "transfer": (Phrase("Choose a container, enter its volume, then the next one."),),
    "photo": (
        Phrase("Take the photo the step asks for."),
        Phrase("Blurred: take it again. The first one is kept, too."),
    ),
    "sample": (Phrase("Draw the sample. Label the tube with the label that is printed."),),
    "deviation": (
        Phrase("Typed wrong: enter it again."),
        Phrase("True reading: record a deviation."),
    ),
    "verify": (Phrase("Somebody else scans their badge and signs."), Phrase("Nobody verifies their own work.")),
    "complete": (Phrase("Everything is recorded. Read it once more."), Phrase("Sign, and the next step comes.")),
    "taken": (
        Phrase("Somebody else is on this step. You only read; it renews itself."),
        Phrase("Take over, and go on where they are. What they entered stays theirs."),
    ),
    "not_here": (
        Phrase("This tablet belongs to another place. Nothing is recorded here."),
        Phrase("Take the tablet of the room, or call a supervisor."),
    ),
    "done": (Phrase("This step is done. You can only read it, or correct a value with a reason."),),
    "held": (Phrase("Leave the material where it is safe."), Phrase("A supervisor restarts the batch.")),
    "blocked": (Phrase("Every reason is listed on the screen."), Phrase("Settle them, or call a supervisor.")),
    "wait": (
        Phrase("The step goes on by itself. You may leave the tablet."),
        Phrase("It shows when somebody is needed."),
    ),
}
ALWAYS = (
    Phrase("“Saved” means that the record has it. “On this tablet” means that it is safe here and will be sent."),
    Phrase("Danger for the cells: More, then Hold the batch. It takes a reason and no signature."),
)
CALLS = (
    Phrase("The label cannot be read"),
    Phrase("Equipment does not work"),
    Phrase("Something is unclear"),
    Phrase("Material is missing"),
    Phrase("I need a second person"),
    Phrase("Danger for the cells"),
)
NOTES = (
    Phrase("Everything is as planned"),
    Phrase("Watch the timer"),
    Phrase("A value is to be repeated"),
    Phrase("Material is on its way"),
    Phrase("The supervisor knows about it"),
    Phrase("Quality has to decide first"),
)
