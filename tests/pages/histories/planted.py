"""Faults planted in the journal. Each must show as a difference, or the comparison sees nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[3] / "static" / "js"


@dataclass(frozen=True)
class Planted:
    what: str
    old: str
    new: str
    file: str = "journal.js"
    is_quick: bool = False  # noticed within a few histories: in every run

    def __str__(self) -> str:
        return self.what

    def source(self) -> str:
        text = (SOURCES / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} has {self.old!r} not once: plant this fault anew.")
        return text.replace(self.old, self.new)


POST = "await post(entry.url, await whole(entry), entry.id, clocks(entry))"
PLANTED = [
    Planted(
        "answered before it is sent",
        POST,
        f"(await settle({{ id: entry.id, status: 200 }}), {POST})",
        is_quick=True,
    ),
    Planted("another id each time", POST, "await post(entry.url, { ...entry.body, id: uuid() }, uuid())"),
    Planted(
        "newest first",
        "for (const entry of unanswered(rows))",
        "for (const entry of unanswered(rows).reverse())",
        is_quick=True,
    ),
    Planted("no answer is final", "status >= 200 && status < 500 &&", "status < 500 &&"),
    Planted("a failing server is final", "status >= 200 && status < 500 &&", "status >= 200 &&"),
    Planted("an ended session is final", "![401, 408, 425, 429]", "![408, 425, 429]"),
    Planted("told before it is kept", "await add({", "add({"),
    Planted(
        "told before the disk has it",
        "const [found] = await Promise.all([act((name) => transaction.objectStore(name)), done]);",
        "const found = await act((name) => transaction.objectStore(name));",
        file="store.js",
    ),
    Planted("an answer without room is the end", ".catch(() => later(0))", ".catch(() => null)"),
    Planted("a refusal is forgotten", "const isRefused = status >= 300;", "const isRefused = false;"),
    Planted("a refusal counts as seen", "(isRefusal(answer) && !seen)", "(isRefusal(answer) && seen)", file="store.js"),
    Planted("a refusal stops nothing", "|| stopped.has(entry.batch)", "", is_quick=True),
    Planted(
        "a refusal stops only what is sent with it",
        "new Set(refusedTo(rows, user).map(({ entry }) => entry.batch))",
        "new Set()",
    ),
    Planted(
        "the time without network has no end", "if (secondsLeft() <= 0 ||", "if (", file="budget.js", is_quick=True
    ),
    Planted("what shall not be recorded is sent", "settle({ id, withdrawn: true })", "markSeen(id)"),
    Planted(
        "goes on after no answer",
        "if (!FINAL(status)) return later(status, asked);",
        "if (!FINAL(status)) { later(status, asked); continue; }",
    ),
    Planted(
        "a stranger's page is an answer",
        "const data = await answer.json();",
        "const data = await answer.json().catch(() => ({}));",
        file="api.js",
    ),
    Planted(
        "an outdated page is a refusal", 'if (data.code !== "page_outdated") return', "if (data) return", file="api.js"
    ),
]
