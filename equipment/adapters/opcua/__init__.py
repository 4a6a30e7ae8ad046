"""OPC UA: values that devices tell by themselves, with time and quality, understood by a tag map for each unit.

`tag_map` is what a site writes, `line` the connection (only it knows the library), `adapter` what the gateway sees.
"""

from equipment.adapters.opcua.adapter import OpcUaAdapter, open_opcua

__all__ = ["OpcUaAdapter", "open_opcua"]
