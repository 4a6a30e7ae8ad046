"""A Vi-CELL BLU: our own simulator of the OPC UA interface its maker published, with asyncua, in a process of its own.

Objects, methods, structures and fields are called as in the maker's examples; a sample is counted until it is ordered
to be done. One JSON order a line on stdin, one JSON answer a line on stdout. Argument: the port, or 0.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from asyncua import Node, Server, ua
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field

from mes.embedded.processes import free_port

SPACE = "urn:baton:peers:vi-cell-blu"
TEXT, WHOLE, REAL, TIME = ua.VariantType.String, ua.VariantType.UInt32, ua.VariantType.Double, ua.VariantType.DateTime
ENUMS: dict[str, list[str | ua.EnumField]] = {
    "MethodResultEnum": ["Success", "Failure"],
    "ErrorLevelEnum": ["NoError", "Warning", "RequiresUserInteraction", "Error"],
    "LockStateEnum": ["Unlocked", "Locked"],
    "ViCellStatusEnum": ["Idle", "ProcessingSample", "Pausing", "Paused", "Stopping", "Stopped", "Faulted"],
    "SampleStatusEnum": [
        "NotProcessed", "InProcessAspirating", "InProcessMixing", "InProcessImageAcquisition", "InProcessCleaning",
        "AcquisitionComplete", "Completed", "SkipManual", "SkipError",
    ],
    "WashTypeEnum": ["NormalWashType", "FastWashType"],
}  # fmt: skip
RESULT = {"MethodResult": "MethodResultEnum", "ResponseDescription": TEXT, "ErrorLevel": "ErrorLevelEnum"}
STRUCTURES: dict[str, dict[str, Any]] = {
    "SamplePosition": {"Row": TEXT, "Column": ua.VariantType.Byte},
    "CellType": {"CellTypeName": TEXT},
    "QualityControl": {"QualityControlName": TEXT},
    "SampleConfig": {
        "SampleName": TEXT,
        "SamplePosition": "SamplePosition",
        "Tag": TEXT,
        "Dilution": WHOLE,
        "CellType": "CellType",
        "QualityControl": "QualityControl",
        "SaveEveryNthImage": WHOLE,
        "WashType": "WashTypeEnum",
    },
    "SampleResult": {
        "SampleDataUuid": ua.VariantType.Guid,
        "SampleId": TEXT,
        "Status": "SampleStatusEnum",
        "CellCount": WHOLE,
        "ViableCells": WHOLE,
        "TotalCellsPerMilliliter": REAL,
        "ViableCellsPerMilliliter": REAL,
        "ViabilityPercent": REAL,
        "CellType": TEXT,
        "AnalysisDateTime": TIME,
        "AnalysisBy": TEXT,
        "Dilution": WHOLE,
        "Tag": TEXT,
    },
    "VcbResult": RESULT,
    "VcbResultRequestLock": {**RESULT, "LockState": "LockStateEnum"},
    "VcbResultGetSampleResults": {**RESULT, "SampleResults": ["SampleResult"]},
}


class ViCell:
    """Its lock may be held by somebody at its screen; its samples are done when that is ordered."""

    def __init__(self) -> None:
        self.server = Server()
        self.begin_anew()

    def begin_anew(self) -> None:
        self.locked_by = ""
        self.status = "Idle"
        self.running: Any = None
        self.results: list[Any] = []
        self.started: list[dict[str, Any]] = []
        self.reagent = 100

    async def start(self, port: int) -> None:
        await self.server.init()
        self.server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/ViCellBlu/Server")
        self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        self._space = await self.server.register_namespace(SPACE)
        self.kinds = await self._describe()
        objects = self.server.nodes.objects
        state = await objects.add_object(self._space, "ViCellBluStateObject")
        methods = await state.add_object(self._space, "Methods")
        play = await state.add_object(self._space, "PlayControl")
        self._status = await state.add_variable(self._space, "ViCellStatus", ua.Variant(0, ua.VariantType.Int32))
        for name, value in (("ViCellIdentifier", "VCB-0007"), ("SoftwareVersion", "1.4.4.1")):
            await state.add_variable(self._space, name, value)
        for owner, name, does in (
            (methods, "RequestLock", self.request_lock),
            (methods, "ReleaseLock", self.release_lock),
            (methods, "GetSampleResults", self.get_sample_results),
            (play, "StartSample", self.start_sample),
            (play, "Stop", self.stop),
        ):
            await owner.add_method(self._space, name, self._method(does), [], [])
        await self.server.start()

    async def _describe(self) -> dict[str, Any]:
        """Tell everybody the shapes of what is passed."""
        made: dict[str, Node] = {}
        for name, words in ENUMS.items():
            made[name] = await new_enum(self.server, self._space, name, words)
        for name, fields in STRUCTURES.items():
            shape = [
                new_struct_field(field, made[kind[0]], array=True)
                if isinstance(kind, list)
                else new_struct_field(field, made[kind] if isinstance(kind, str) else kind)
                for field, kind in fields.items()
            ]
            made[name], _ = await new_struct(self.server, self._space, name, shape)
        return await self.server.load_data_type_definitions()

    def _method(self, does: Callable[..., Any]) -> Callable[..., Any]:
        async def called(_parent: ua.NodeId, *told: ua.Variant) -> list[ua.Variant]:
            answer = does(*(each.Value for each in told))
            await self.show()
            return [ua.Variant(answer, ua.VariantType.ExtensionObject)]

        return called

    async def show(self) -> None:
        await self._status.write_value(ENUMS["ViCellStatusEnum"].index(self.status), ua.VariantType.Int32)

    # --- what its methods do ---

    def request_lock(self) -> Any:
        if self.locked_by:
            return self._said("VcbResultRequestLock", f"Locked by {self.locked_by}")
        self.locked_by = "automation"
        return self._said("VcbResultRequestLock", LockState=self.kinds["LockStateEnum"].Locked)

    def release_lock(self) -> Any:
        refusal = self._refusal(at_rest=False)
        self.locked_by = self.locked_by if refusal else ""
        return self._said("VcbResult", refusal)

    def start_sample(self, config: Any) -> Any:
        refusal = self._refusal() or ("" if self.reagent else "The reagent pack is empty")
        if not refusal:
            self.running, self.status = config, "ProcessingSample"
            position = f"{config.SamplePosition.Row}{config.SamplePosition.Column}"
            told = {"name": config.SampleName, "tag": config.Tag, "dilution": config.Dilution, "position": position}
            self.started.append(told | {"cell_type": config.CellType.CellTypeName})
        return self._said("VcbResult", refusal)

    def stop(self) -> Any:
        refusal = self._refusal(at_rest=False)
        if not refusal:
            self.running, self.status = None, "Stopped"
        return self._said("VcbResult", refusal)

    def get_sample_results(self, _user: str, since: datetime, until: datetime, *named: Any) -> Any:
        refusal, cell_type = self._refusal(), named[1]
        found = [
            each for each in self.results if each.CellType == cell_type and since <= each.AnalysisDateTime <= until
        ]
        return self._said("VcbResultGetSampleResults", refusal, SampleResults=[] if refusal else found)

    def _refusal(self, *, at_rest: bool = True) -> str:
        if self.locked_by != "automation":
            return "Automation does not hold the lock"
        return "Not while a sample is processed" if at_rest and self.status not in ("Idle", "Stopped") else ""

    def _said(self, kind: str, refusal: str = "", **more: Any) -> Any:
        answer = self.kinds[kind](**more)
        results, levels = self.kinds["MethodResultEnum"], self.kinds["ErrorLevelEnum"]
        answer.MethodResult = results.Failure if refusal else results.Success
        answer.ErrorLevel = levels.Warning if refusal else levels.NoError
        answer.ResponseDescription = refusal
        return answer

    # --- what happens to it ---

    def done(self, order: dict[str, Any]) -> None:
        """The running sample is counted; without `viability`, it was skipped for an error."""
        config, statuses = self.running, self.kinds["SampleStatusEnum"]
        result = self.kinds["SampleResult"]()
        result.SampleDataUuid, result.SampleId = uuid4(), config.SampleName
        result.Tag, result.Dilution, result.CellType = config.Tag, config.Dilution, config.CellType.CellTypeName
        result.AnalysisDateTime = datetime.now(UTC)
        result.Status = statuses.Completed if "viability" in order else statuses.SkipError
        result.CellCount = 2000
        result.ViabilityPercent = order.get("viability", 0.0)
        result.TotalCellsPerMilliliter = order.get("total", 0.0)
        result.ViableCellsPerMilliliter = result.TotalCellsPerMilliliter * result.ViabilityPercent / 100
        self.results.append(result)
        self.running, self.status = None, "Idle"


async def main(port: int) -> None:
    port = port or free_port()
    cell = ViCell()
    await cell.start(port)
    orders: dict[str, Callable[[dict[str, Any]], Any]] = {
        "begin": lambda order: cell.begin_anew(),
        "done": cell.done,
        "somebody": lambda order: setattr(cell, "locked_by", order["name"]),
        "lock": lambda order: cell.locked_by,
        "reagent": lambda order: setattr(cell, "reagent", order["left"]),
        "started": lambda order: [cell.started.pop(0) for _ in range(len(cell.started))],
    }
    print(json.dumps({"port": port}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        answer = orders[order["do"]](order)
        await cell.show()
        print(json.dumps({"answer": answer}), flush=True)
    await cell.server.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
