"""What leaves the house: signed webhooks and e-mail, at least once, in order for each subject.

A message is a row, written in the transaction of what it tells (`services.announce`). Rooms declare what they announce
in `<room>/announcements.py`; this room knows none of them.
"""
