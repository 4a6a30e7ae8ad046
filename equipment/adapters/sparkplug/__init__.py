"""MQTT with Sparkplug B: devices that tell of their birth, of every change and of their death.

`tag_map` is what a site writes, `metric` and `payload` what a message says, `node` the life it tells of, `line` the
connection to the broker (only it knows the library), `adapter` what the gateway sees.
"""

from equipment.adapters.sparkplug.adapter import SparkplugAdapter, open_sparkplug

__all__ = ["SparkplugAdapter", "open_sparkplug"]
