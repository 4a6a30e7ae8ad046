"""The traceability matrix says what the run showed, no more."""

import pytest

from tests.trace import CLAIMS, FAILED, MET, NOT_YET, REQUIREMENTS, Matrix, Requirement, read_requirements

pytest_plugins = ["pytester"]


def report(test: str, *requirements: str, outcome: str = "passed", when: str = "call") -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=f"tests/x.py::{test}",
        location=("tests/x.py", 1, test),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=None,
        when=when,  # type: ignore[arg-type]
        user_properties=[("req", requirement) for requirement in requirements],
    )


def matrix(*reports: pytest.TestReport) -> Matrix:
    requirements = [Requirement(f"R-00{n}", "A. Group", "Annex 11 §9", f"Text {n} a|b.") for n in (1, 2)]
    made = Matrix({requirement.id: requirement for requirement in requirements})
    for each in reports:
        made.add(each)
    return made


def test_a_requirement_without_a_test_is_not_yet_met() -> None:
    assert matrix().state("R-001") == NOT_YET


def test_a_skipped_test_proves_nothing() -> None:
    assert matrix(report("test_a", "R-001", outcome="skipped")).state("R-001") == NOT_YET


def test_one_failed_test_outweighs_all_passed_ones() -> None:
    made = matrix(report("test_a", "R-001"), report("test_b", "R-001", outcome="failed"))
    assert made.state("R-001") == FAILED


def test_a_test_whose_clean_up_fails_is_failed() -> None:
    made = matrix(report("test_a", "R-001"), report("test_a", "R-001", outcome="failed", when="teardown"))
    assert made.state("R-001") == FAILED


def test_names_a_test_once_for_all_its_parameters() -> None:
    made = matrix(report("test_a[1]", "R-001"), report("test_a[2]", "R-001", "R-002"))
    assert made.state("R-002") == MET
    assert made.markdown().count("`tests/x.py::test_a`") == 2
    assert "1 of 2" not in made.summary()
    assert "| R-001 | met | Text 1 a\\|b. (Annex 11 §9) | `tests/x.py::test_a` |" in made.markdown()


@pytest.mark.req("R-063")
@pytest.mark.parametrize(("outcome", "ret"), [("pass", 0), ("assert False", 1), ("import pytest; pytest.skip()", 1)])
def test_a_claimed_requirement_without_a_passing_test_fails_the_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, outcome: str, ret: int
) -> None:
    claim = CLAIMS.read_text().split()[0]
    claims = pytester.makefile(".txt", claims=claim)
    monkeypatch.setenv("PYTHONPATH", str(REQUIREMENTS.parents[2]))
    pytester.makeconftest(
        f'import pathlib\nimport tests.trace\ntests.trace.CLAIMS = pathlib.Path("{claims}")\n'
        'pytest_plugins = ["tests.trace"]'
    )
    pytester.makeini("[pytest]\nmarkers = req(*ids): requirement")
    pytester.makepyfile(f'import pytest\n@pytest.mark.req("{claim}")\ndef test_x():\n    {outcome}\n')
    result = pytester.runpytest_subprocess("-p", "no:django", "-p", "no:cacheprovider", "--claims")
    assert result.ret == ret


@pytest.mark.req("R-063")
def test_every_claim_is_a_requirement_and_claimed_once() -> None:
    claims = CLAIMS.read_text().split()
    assert len(claims) == len(set(claims))
    assert set(claims) <= set(read_requirements())


def test_an_unknown_requirement_stops_the_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REQUIREMENTS.parents[2]))
    pytester.makeconftest('pytest_plugins = ["tests.trace"]')
    pytester.makeini("[pytest]\nmarkers = req(*ids): requirement")
    pytester.makepyfile('import pytest\n@pytest.mark.req("R-999")\ndef test_x():\n    pass\n')
    result = pytester.runpytest_subprocess("-p", "no:django", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*names R-999, which is no requirement*"])
    assert result.ret != 0
