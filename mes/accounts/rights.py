"""Who may do what: one table, role by role. Every right is granted per site."""

from django.db import models

from mes.errors import InvalidInput


class Role(models.TextChoices):
    OPERATOR = "operator", "Operator"
    VERIFIER = "verifier", "Verifier"
    SUPERVISOR = "supervisor", "Supervisor"
    QA_REVIEWER = "qa_reviewer", "QA reviewer"
    QUALIFIED_PERSON = "qualified_person", "Qualified person"
    QC_ANALYST = "qc_analyst", "QC analyst"
    RECIPE_ENGINEER = "recipe_engineer", "Recipe engineer"
    PLANNER = "planner", "Planner"
    LOGISTICS = "logistics", "Logistics"
    COURIER = "courier", "Courier"
    CLINIC = "clinic", "Clinic"
    ADMINISTRATOR = "administrator", "Administrator"
    SERVICE = "service", "Service account"


_FLOOR = {
    "batches.view",
    "equipment.view",
    "identity.view",
    "materials.view",
    "qc.view",
    "recipes.view",
    "scheduling.view",
    "records.view",
}
_EXECUTE = {"batches.execute", "identity.scan", "equipment.command", "equipment.clean"}

RIGHTS: dict[Role, frozenset[str]] = {
    Role.OPERATOR: frozenset(
        _FLOOR | _EXECUTE | {"batches.verify", "batches.deviation", "equipment.acknowledge", "qc.sample"}
    ),
    Role.VERIFIER: frozenset(_FLOOR | _EXECUTE | {"batches.verify", "batches.deviation"}),
    Role.SUPERVISOR: frozenset(
        _FLOOR
        | _EXECUTE
        | {"batches.verify", "batches.issue", "batches.command", "batches.deviation", "batches.approve_deviation"}
        | {"batches.dispose", "batches.redline", "batches.approve_redline", "batches.answer_call"}
        | {"equipment.maintain", "equipment.check", "equipment.acknowledge", "equipment.shelve"}
        | {"equipment.register_terminal"}
        | {"materials.receive", "identity.receive", "identity.reconcile", "qc.sample"}
    ),
    Role.QA_REVIEWER: frozenset(
        _FLOOR
        | {"qc.review", "qc.disposition", "qc.release", "qc.approve_specification", "recipes.review", "recipes.approve"}
        | {"batches.deviation", "batches.approve_deviation", "materials.release", "identity.receive", "batches.issue"}
        | {"identity.reconcile"}
        | {"batches.dispose", "batches.approve_redline"}
    ),
    Role.QUALIFIED_PERSON: frozenset(
        _FLOOR
        | {"qc.review", "qc.disposition", "qc.release", "qc.approve_specification", "recipes.approve"}
        | {"batches.approve_deviation", "batches.approve_redline", "batches.dispose", "materials.release"}
    ),
    Role.QC_ANALYST: frozenset(_FLOOR | {"qc.sample", "qc.result", "qc.check_result", "materials.receive"}),
    Role.RECIPE_ENGINEER: frozenset(
        (_FLOOR - {"identity.view"})
        | {"recipes.draft", "recipes.review", "qc.specify"}
        | {"equipment.check", "equipment.acknowledge", "equipment.shelve", "equipment.define_alarm"}
    ),
    Role.PLANNER: frozenset(
        {"scheduling.view", "scheduling.plan", "batches.view", "identity.view", "recipes.view"}
        | {"equipment.view", "materials.view"}
    ),
    Role.LOGISTICS: frozenset(
        {"identity.view", "identity.label", "identity.handover", "identity.receive", "identity.ship", "identity.scan"}
        | {"materials.receive", "materials.view", "scheduling.view", "batches.view"}
    ),
    Role.COURIER: frozenset({"identity.view", "identity.handover", "identity.scan"}),
    Role.CLINIC: frozenset(
        {"identity.view", "identity.order", "identity.label", "identity.collect", "identity.handover"}
        | {"identity.receive", "identity.scan", "identity.reveal", "identity.bedside", "identity.infuse"}
        | {"scheduling.view"}
    ),
    Role.ADMINISTRATOR: frozenset({"accounts.manage", "outbox.manage", "records.view", "equipment.register_terminal"}),
    Role.SERVICE: frozenset(
        {"equipment.command", "batches.view", "equipment.view", "scheduling.view", "scheduling.plan"}
    ),
}

# What the parts of the system itself (system:dispatcher, system:gateway …) do by rule, at every site.
SYSTEM_RIGHTS: frozenset[str] = frozenset(
    {"batches.execute", "batches.command", "batches.deviation", "equipment.command", "equipment.maintain"}
    | {"equipment.judge", "equipment.define_alarm", "equipment.keep_file"}
    | {"qc.result"}
    | {"identity.scan", "materials.release", "scheduling.plan"}
)

PERMISSIONS: frozenset[str] = frozenset().union(*RIGHTS.values())

_GMP_ROLES = frozenset(Role) - {Role.ADMINISTRATOR}


def check_roles_together(roles: set[str]) -> None:
    """Administration is kept apart from GMP work (R-033): an administrator holds no other role, anywhere."""
    if Role.ADMINISTRATOR in roles and roles & _GMP_ROLES:
        raise InvalidInput(
            "An administrator holds no GMP role. Give this person a second, separate account holder.",
            roles=sorted(roles),
        )
