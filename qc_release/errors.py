"""Refusals of the laboratory and of the quality unit."""

from mes.errors import Blocked, Conflict


class ReleaseBlocked(Blocked):
    """Something stands between the batch and its release; the reasons name each thing."""

    code = "release_blocked"


class MethodNotApproved(Conflict):
    code = "method_not_approved"


class NoSpecification(Conflict):
    """No effective specification for this product at this site."""

    code = "no_specification"


class ResultExists(Conflict):
    """There is a result that counts: testing again until it passes is refused."""

    code = "result_exists"


class RetestRefused(Conflict):
    """A retest needs an investigation that planned it beforehand."""

    code = "retest_refused"


class NoAssignableCause(Conflict):
    """A result is invalidated only with a cause that quality has approved."""

    code = "no_assignable_cause"


class ResultsNotApproved(Conflict):
    """A certificate is made from checked results only."""

    code = "results_not_approved"


class CertificateNotReady(Conflict):
    """The worker has not made the PDF yet."""

    code = "certificate_not_ready"


class NotMatched(Conflict):
    """A run of an instrument file does not answer a test of the sample."""

    code = "not_matched"
