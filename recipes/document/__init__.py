"""The recipe document: what a recipe says, typed and linted. Nothing here knows Django."""

from recipes.document.faults import DocumentFault
from recipes.document.fields import Limits, Number, Sourced
from recipes.document.formula import Formula, Input, Output, Parameter
from recipes.document.recipe import (
    Citation,
    EquipmentNeed,
    Header,
    Information,
    Operation,
    Product,
    RecipeDocument,
    UnitProcedure,
    WithoutNetwork,
)
from recipes.document.source import faults_in, load
from recipes.document.steps import (
    Calculation,
    Command,
    Decision,
    Entry,
    Hold,
    MaterialNeed,
    PhotoNeed,
    SampleNeed,
    SetPoint,
    Step,
    Target,
    Transfer,
    Window,
)

__all__ = [
    "Calculation",
    "Citation",
    "Command",
    "Decision",
    "DocumentFault",
    "Entry",
    "EquipmentNeed",
    "Formula",
    "Header",
    "Hold",
    "Information",
    "Input",
    "Limits",
    "MaterialNeed",
    "Number",
    "Operation",
    "Output",
    "Parameter",
    "PhotoNeed",
    "Product",
    "RecipeDocument",
    "SampleNeed",
    "SetPoint",
    "Sourced",
    "Step",
    "Target",
    "Transfer",
    "UnitProcedure",
    "Window",
    "WithoutNetwork",
    "faults_in",
    "load",
]
