"""Refusals of identity and custody. A wrong bag is a hard stop: it is recorded before it is refused."""

from mes.errors import Blocked, Conflict


class WrongBag(Conflict):
    """The scanned material is not the one this work is for. `details`: expected, scanned, scan (id)."""

    code = "wrong_bag"


class WrongContainer(Blocked):
    """A container of the right patient, and not one this work can use. The reasons say why, and what is needed."""

    code = "wrong_container"


class UnknownCode(Conflict):
    """The scanned code is on no label of ours."""

    code = "unknown_code"


class WrongPatient(Conflict):
    """What the patient says or wears does not fit the bag."""

    code = "wrong_patient"


class PatientMismatch(Conflict):
    """Material of two patients would meet in one container."""

    code = "patient_mismatch"


class DonationNumberTaken(Conflict):
    code = "donation_number_taken"


class WrongSeal(Conflict):
    """The seal number read on arrival is not the one put on at departure."""

    code = "wrong_seal"


class NotReleased(Blocked):
    """Quarantined or rejected material is neither shipped nor given."""

    code = "not_released"
