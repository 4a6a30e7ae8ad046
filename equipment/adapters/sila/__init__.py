"""SiLA 2: properties that are read or subscribed to, commands that lead to a state, understood by a tag map.

`tag_map` is what a site writes, `line` the connection (only it knows the library), `adapter` what the gateway sees.
"""

from equipment.adapters.sila.adapter import SilaAdapter, open_sila

__all__ = ["SilaAdapter", "open_sila"]
