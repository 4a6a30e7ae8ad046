from qc_release.review_words import in_words


def test_a_review_is_read_in_words() -> None:
    content = {
        "specification": "CART-A version 1",
        "specification_sha256": "ab12",
        "batch_status": "COMPLETE",
        "steps": {"ABORTED": 1, "COMPLETE": 5},
        "deviations": ["0198 closed", "0199 in_review", "019a closed"],
        "results": [],
        "values_corrected": 2,
        "rooms": ["CR-1", "CR-2"],
        "alarms": ["019b Temperature, acknowledged by olga"],
    }
    assert in_words(content) == [
        ("Specification", "CART-A version 1", False),
        ("SHA-256 of the specification", "ab12", True),
        ("Batch", "Complete", False),
        ("Steps", "1 aborted, 5 complete", False),
        ("Deviations", "3 (2 closed, 1 in review)", False),
        ("Results", "0", False),
        ("Values corrected", "2", False),
        ("Rooms", "CR-1, CR-2", False),
        ("Alarms", "1", False),
    ]
