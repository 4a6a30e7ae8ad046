"""The worked examples of docs/connect are maps that the adapters take."""

import re
from pathlib import Path

import pytest
import yaml

from equipment.adapters import ADAPTERS, modbus
from equipment.adapters.opcua import tag_map as opcua
from equipment.adapters.sila import tag_map as sila
from equipment.adapters.sparkplug import tag_map as sparkplug
from equipment.adapters.vi_cell_blu import place as vi_cell_blu
from equipment.classes import EQUIPMENT_CLASSES

CONNECT = Path(__file__).resolve().parents[2] / "docs" / "connect"
Map = modbus.TagMap | opcua.TagMap | sila.TagMap | sparkplug.TagMap | vi_cell_blu.Place
MAPS: dict[str, type[Map]] = {
    "modbus": modbus.TagMap,
    "opcua": opcua.TagMap,
    "sila": sila.TagMap,
    "sparkplug": sparkplug.TagMap,
    "vi_cell_blu": vi_cell_blu.Place,
}

CLASSES = {"sila": "controlled_rate_freezer", "vi_cell_blu": "cell_counter"}


@pytest.mark.parametrize("protocol", MAPS)
def test_every_example_is_a_map_of_its_class(protocol: str) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", (CONNECT / f"{protocol}.md").read_text(), re.DOTALL)
    assert examples
    for example in examples:
        MAPS[protocol].model_validate(yaml.safe_load(example)).check_against(
            EQUIPMENT_CLASSES[CLASSES.get(protocol, "incubator")]
        )


def test_every_protocol_has_a_page_that_the_first_one_names() -> None:
    first = (CONNECT / "README.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|.*\((\w+)\.md\) \|$", first, re.MULTILINE)) == {
        (name, name) for name in ADAPTERS
    }
    assert all((CONNECT / f"{name}.md").exists() for name in ADAPTERS)
