"""Ids, the parts each kind of step needs, equipment."""

from collections.abc import Iterable, Iterator

from recipes.document.faults import Place
from recipes.document.recipe import RecipeDocument
from recipes.document.steps import Step

Found = Iterator[tuple[Place, str]]

PARTS = (
    "materials",
    "equipment",
    "command",
    "hold",
    "sample",
    "calculation",
    "transfer",
    "decision",
)
# The parts a kind needs, and those it may have besides. Entries, photos, text, window and signature go with any kind.
KINDS: dict[str, tuple[set[str], set[str]]] = {
    "instruction": (set(), {"equipment"}),
    "entry": ({"entries"}, {"equipment"}),
    "identity_check": (set(), {"equipment"}),
    "line_clearance": (set(), {"equipment"}),
    "material_addition": ({"materials"}, {"equipment"}),
    "equipment_command": ({"equipment", "command"}, set()),
    "timed_hold": ({"hold", "equipment"}, {"command"}),
    "sample": ({"sample"}, {"equipment"}),
    "calculation": ({"calculation"}, set()),
    "transfer": ({"transfer"}, {"equipment", "materials"}),
    "decision": ({"decision"}, set()),
    "signature": (set(), set()),
}
TWO_PEOPLE = ("verified_observed", "verified_blind")


def ids_are_unique(document: RecipeDocument) -> Found:
    """Each id names one thing: step, operation, unit procedure, alias, parameter, input, citation, entry, photo."""
    yield from _repeats((place, step.id) for place, step in document.places())
    yield from _repeats((("procedure", n), each.id) for n, each in enumerate(document.procedure))
    yield from _repeats(
        (("procedure", u, "operations", o), operation.id)
        for u, unit_procedure in enumerate(document.procedure)
        for o, operation in enumerate(unit_procedure.operations)
    )
    yield from _repeats((("equipment", n), each.alias) for n, each in enumerate(document.equipment))
    yield from _repeats((("formula", "parameters", n), each.id) for n, each in enumerate(document.formula.parameters))
    yield from _repeats((("formula", "inputs", n), each.material) for n, each in enumerate(document.formula.inputs))
    yield from _repeats((("recipe", "citations", n), each.id) for n, each in enumerate(document.recipe.citations))
    for place, step in document.places():
        yield from entries_are_unique(place, step)
        yield from _repeats(((*place, "photos", n), each.id) for n, each in enumerate(step.photos))


def entries_are_unique(place: Place, step: Step) -> Found:
    yield from _repeats(((*place, "entries", n), each.id) for n, each in enumerate(step.entries))


def budget_is_whole(document: RecipeDocument) -> Found:
    """Minutes without a step, or steps without a minute, would allow nothing and look as if they did."""
    budget = document.recipe.offline
    if bool(budget.minutes) != bool(budget.steps):
        yield (
            ("recipe", "offline"),
            f"{budget.minutes} minutes and {budget.steps} steps without network: give both, or 0 for both",
        )


def _repeats(ids: Iterable[tuple[Place, str]]) -> Found:
    seen: set[str] = set()
    for place, name in ids:
        if name in seen:
            yield place, f"“{name}” is used twice"
        seen.add(name)


def kinds_have_their_parts(document: RecipeDocument) -> Found:
    """A step has what its kind needs and nothing of another kind."""
    for place, step in document.places():
        yield from parts_fit_the_kind(place, step)


def parts_fit_the_kind(place: Place, step: Step) -> Found:
    required, allowed = KINDS[step.kind]
    for part in sorted(required):
        if not getattr(step, part):
            yield (*place, part), f"step {step.id} is a {step.kind} and needs “{part}”"
    for part in PARTS:
        if getattr(step, part) and part not in required | allowed:
            yield (
                (*place, part),
                f"step {step.id} is a {step.kind}; “{part}” does not belong to it",
            )
    yield from _rules_of_kind(place, step)


def _unsigned(place: Place, step: Step) -> Found:
    if step.kind == "signature":
        yield (*place, "signature"), f"step {step.id} is a signature step without a signature"
    if step.credential == "full":
        yield (*place, "credential"), f"step {step.id} asks for a full credential and for no signature"


def _rules_of_kind(place: Place, step: Step) -> Found:
    if step.kind == "instruction" and not step.text.strip():
        yield (*place, "text"), f"step {step.id} tells nobody what to do"
    if step.kind == "line_clearance" and step.signature not in TWO_PEOPLE:
        yield (
            (*place, "signature"),
            f"step {step.id}: line clearance is done by two people; use verified_observed or _blind",
        )
    if step.signature == "none":
        yield from _unsigned(place, step)
    if step.hold_when_silent and not step.equipment:
        yield (*place, "hold_when_silent"), f"step {step.id} has no equipment that could fall silent"
    yield from _answers(place, step)


def _answers(place: Place, step: Step) -> Found:
    for number, entry in enumerate(step.entries):
        if entry.type == "choice" and len(entry.choices) < 2:
            yield (
                (*place, "entries", number, "choices"),
                f"entry “{entry.id}” needs at least two choices",
            )
        offered = ("yes", "no") if entry.type == "yes_no" else entry.choices
        if unknown := set(entry.accepted) - set(offered):
            yield (
                (*place, "entries", number, "accepted"),
                f"“{min(unknown)}” is not an answer of “{entry.id}”",
            )
        if entry.type != "number" and entry.has_figures:
            yield (
                (*place, "entries", number),
                f"entry “{entry.id}” is not a number and has no limits",
            )


def equipment_is_named(document: RecipeDocument) -> Found:
    """Unit procedures and steps use equipment by an alias of the list, so each phase has a unit class (R-081)."""
    for number, unit_procedure in enumerate(document.procedure):
        if unit_procedure.equipment not in document.aliases:
            yield (
                ("procedure", number, "equipment"),
                f"“{unit_procedure.equipment}” is not in the equipment list",
            )
    used = {each.equipment for each in document.procedure} | {step.equipment for step in document.steps.values()}
    for place, step in document.places():
        if step.equipment and step.equipment not in document.aliases:
            yield (
                (*place, "equipment"),
                f"step {step.id}: “{step.equipment}” is not in the equipment list",
            )
    for number, need in enumerate(document.equipment):
        if need.alias not in used:
            yield ("equipment", number), f"“{need.alias}” is asked for and never used"


def parallel_steps_are_neighbours(document: RecipeDocument) -> Found:
    """Steps of one parallel group stand next to each other in one operation."""
    for u, unit_procedure in enumerate(document.procedure):
        for o, operation in enumerate(unit_procedure.operations):
            closed: set[str] = set()
            previous: str | None = None
            for s, step in enumerate(operation.steps):
                if previous and step.parallel != previous:
                    closed.add(previous)
                if step.parallel in closed:
                    place = ("procedure", u, "operations", o, "steps", s, "parallel")
                    yield (
                        place,
                        f"step {step.id} stands apart from its parallel group “{step.parallel}”",
                    )
                previous = step.parallel
