"""Vi-CELL BLU (Beckman Coulter): a cell counter that counts when it is told, over its published OPC UA interface.

`place` is what a site writes, `instrument` the interface in plain words, `adapter` what the gateway sees.
"""

from equipment.adapters.vi_cell_blu.adapter import ViCellBluAdapter, open_vi_cell_blu

__all__ = ["ViCellBluAdapter", "open_vi_cell_blu"]
