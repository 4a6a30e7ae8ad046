"""What is measured, in which part, and how good it is to be."""

PARTS = ("completion", "telemetry", "pages", "operators", "waiting")

GOALS = {
    "P1": "≥ 0.30",
    "P2": "≥ 0.10",
    "P3": "≤ 8 round trips, 1 flush, ≤ 6 kB WAL",
    "A1": "≥ 0.75",
    "P4": "≤ 1.25",
    "P6": "p99 ≤ 200 ms",
    "P7": "≥ 0.15",
    "P8": "p99 ≤ 2 s",
    "P9 60 days of one tag": "≤ 1 s",
    "P9 last minute of all tags": "≤ 0.5 s",
    "P13": "≤ 5 % of a core",
    "R2": "p99 ≤ 10 s",
    "R5": "p99 ≤ 1 s, none early, none twice",
}
