"""The words people read in their own language: `locale/<language>/LC_MESSAGES/django.po`.

`python -m tools.catalogues` looks for every word in templates, scripts and Python, adds the new ones to the catalogues
without a translation and takes out those nobody says any more. `compile` makes of them what Django reads.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache, reduce
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import polib

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
PLURALS = {"de": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
ROOMS = ("mes", "materials", "equipment", "recipes", "chain_of_identity", "batches", "qc_release", "scheduling")
# Modules whose refusals an operator meets. What they say without a value needs no mark; with one it is a Phrase.
REFUSALS = (
    "batches/queries/early_end.py",
    "batches/api/hand_over.py",
    "batches/queries/gates.py",
    "batches/queries/hand_over.py",
    "batches/queries/missing.py",
    "batches/queries/redlines.py",
    "batches/services/calculations.py",
    "batches/services/calls.py",
    "batches/services/commands.py",
    "batches/services/decisions.py",
    "batches/services/deviations.py",
    "batches/services/elements.py",
    "batches/services/entries.py",
    "batches/services/hand_over.py",
    "batches/services/late_entries.py",
    "batches/services/materials.py",
    "batches/services/photos.py",
    "batches/services/readings.py",
    "batches/services/running.py",
    "batches/services/scans.py",
    "batches/services/second_person.py",
    "batches/services/signing.py",
    "batches/services/steps.py",
    "batches/services/taking_over.py",
    "batches/services/transfers.py",
    "batches/services/units.py",
    "chain_of_identity/queries/gates.py",
    "chain_of_identity/queries/lookups.py",
    "chain_of_identity/services/material.py",
    "chain_of_identity/services/scans.py",
    "equipment/queries.py",
    "equipment/services/alarms.py",
    "equipment/services/commands.py",
    "equipment/services/rooms.py",
    "equipment/services/use.py",
    "materials/queries.py",
    "materials/services.py",
    "mes/accounts/patience.py",
    "mes/accounts/queries.py",
    "mes/accounts/rights.py",
    "mes/accounts/services.py",
    "mes/api.py",
    "mes/pages/views.py",
    "mes/records/signing.py",
    "mes/state_machine.py",
    "mes/web.py",
)
# Choices whose names stand on the pages of an operator.
CHOICES = (
    "batches.models.deviations.ExceptionKind",
    "batches.models.deviations.Severity",
    "batches.models.MaterialDisposition.Decision",
    "batches.states.CallState",
    "batches.states.Command",
    "batches.states.DeviationState",
    "batches.states.DocumentState",
    "batches.states.RedlineState",
    "batches.states.State",
    "chain_of_identity.models.Container.Holds",
    "chain_of_identity.models.Container.Kind",
    "chain_of_identity.models.scans.Cause",
    "chain_of_identity.models.parties.Party",
    "chain_of_identity.states.ContainerStatus",
    "chain_of_identity.states.OrderStatus",
    "chain_of_identity.states.ReleaseStatus",
    "equipment.alarms.models.Priority",
    "equipment.states.AlarmStatus",
    "equipment.states.CommandStatus",
    "equipment.states.RoomStatus",
    "equipment.states.UnitStatus",
    "materials.states.LotStatus",
    "mes.accounts.models.Site.SecondIdentifier",
    "mes.accounts.rights.Role",
    "mes.outbox.states.MessageState",
)
HOMES = ("batches/home.py", "equipment/home.py", "mes/accounts/home.py")
MARKS = {"Phrase", "gettext", "gettext_lazy", "gettext_noop", "_"}
REFUSING = {"Reason": 1, "by": 1, "_fail": 2}  # calls, and which of their arguments is the sentence
SAID_AT_HOME = {"title", "detail", "action", "state_words", "empty", "more"}
Word = tuple[str, str]  # the words, and their plural where they have one


def words() -> set[Word]:
    """Everything that is said in the language of the page."""
    found = {
        (text, "")
        for source in (_of_python, _of_refusals, _of_choices, _of_navigation, _of_scripts)
        for text in source()
    }
    return found | set(_of_templates())


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(_path(language)), wrapwidth=110)


def update(language: str) -> list[str]:
    """Bring the catalogue up to date; returns what has no translation."""
    old = {
        (entry.msgid, entry.msgid_plural): entry for entry in (catalogue(language) if _path(language).exists() else ())
    }
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = {
        "Language": language,
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": PLURALS[language],
    }
    fresh.extend(old.get(word) or _new(*word) for word in sorted(words()))
    _path(language).parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(_path(language)))
    return [entry.msgid for entry in fresh if not entry.translated()]


def compile_all() -> None:
    for language in PLURALS:
        target = _path(language).with_suffix(".mo")
        with NamedTemporaryFile(dir=target.parent, delete=False) as file:  # whoever reads meanwhile reads the old one
            file.write(catalogue(language).to_binary())
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)


def _path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _new(text: str, plural: str) -> polib.POEntry:
    return polib.POEntry(msgid=text, msgid_plural=plural, msgstr_plural={0: "", 1: ""} if plural else {})


def _of_refusals() -> Iterator[str]:
    """What is raised, or given back to be raised, the second words of a Reason, and every word a home page is given."""
    for path in REFUSALS:
        for node in ast.walk(_tree(ROOT / path)):
            if refused := refusal(node):
                yield from _texts(refused.args)
            elif isinstance(node, ast.Call) and _name(node.func) in REFUSING:
                at = REFUSING[_name(node.func)]
                yield from _texts(node.args[at : at + 1])
    for path in HOMES:
        for node in ast.walk(_tree(ROOT / path)):
            if isinstance(node, ast.Call) and _name(node.func) in {"Panel", "Task"}:
                yield from _texts([*node.args[:1], *(each.value for each in node.keywords if each.arg in SAID_AT_HOME)])


def refusal(node: ast.AST) -> ast.Call | None:
    """The refusal that a statement raises or returns."""
    made = node.exc if isinstance(node, ast.Raise) else node.value if isinstance(node, ast.Return) else None
    if isinstance(made, ast.Call) and (isinstance(node, ast.Raise) or _name(made.func) in _errors()):
        return made
    return None


@cache
def _errors() -> frozenset[str]:
    """The names of the kinds of refusal."""
    trees = [_tree(path) for room in ROOMS for path in (ROOT / room).glob("errors.py")]
    return frozenset(node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))


def _of_python() -> Iterator[str]:
    """The first argument of every call that marks words."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(_tree(path)):
                if isinstance(node, ast.Call) and _name(node.func) in MARKS:
                    yield from _texts(node.args[:1])


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _texts(given: Sequence[ast.expr]) -> Iterator[str]:
    """The sentences among these expressions, also those an `if` chooses from."""
    for each in given:
        if isinstance(each, ast.IfExp):
            yield from _texts((each.body, each.orelse))
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value:
            yield each.value


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _of_choices() -> Iterator[str]:
    """Their names, as they stand alone and as they stand inside a sentence; what a unit and its readings are called."""
    from equipment.adapters.base import Quality
    from equipment.classes import EQUIPMENT_CLASSES, class_name
    from mes.records.signing import MEANINGS

    for path in CHOICES:
        for label in _choices(path).labels:
            yield from (label, label.lower())
    for each in EQUIPMENT_CLASSES.values():
        yield from (each.name.lower(), class_name(each.code), *(tag.label for tag in each.tags))
        yield from (each.setpoint_label(point.name) for command in each.commands for point in command.setpoints)
    yield from (each.value.capitalize() for each in Quality)
    yield from MEANINGS


def _choices(path: str) -> Any:
    """The class of a dotted name; a name with a capital holds classes and no modules."""
    module = ".".join(part for part in path.split(".") if part.islower())
    return reduce(getattr, path.removeprefix(f"{module}.").split("."), import_module(module))


def _of_navigation() -> Iterator[str]:
    from django.conf import settings

    return (label for label, _, _ in settings.NAVIGATION)


def _of_scripts() -> Iterator[str]:
    from mes.pages.script_words import SCRIPTS, words_of

    return iter(words_of(tuple(path.name for path in sorted(SCRIPTS.glob("*.js")))))


def _of_templates() -> Iterator[Word]:
    from django.template import engines
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    templates = engines["django"].engine  # type: ignore[attr-defined] # the stubs know only what all engines share
    for path in sorted((ROOT / "templates").rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        yield from ((text, "") for text in re.findall(r"""\b_\(["']([^"']+)["']\)""", source))
        nodes = templates.from_string(source).nodelist.get_nodes_by_type((TranslateNode, BlockTranslateNode))
        for node in nodes:
            yield (
                _block(node) if isinstance(node, BlockTranslateNode) else (str(node.filter_expression.var.literal), "")
            )


def _block(node: Any) -> Word:
    singular, _ = node.render_token_list(node.singular)
    plural, _ = node.render_token_list(node.plural) if node.plural else ("", ())
    return singular, plural


def main() -> int:
    if sys.argv[1:] != ["compile"]:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        import django

        django.setup()
        for language in PLURALS:
            for text in update(language):
                print(f"{language}: {text}")
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
