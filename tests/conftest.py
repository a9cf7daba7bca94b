"""How long a run looks for a counterexample, what it may skip, and that Ctrl-C reaches it."""

import os
import signal

import pytest
from hypothesis import settings

# The arrays of the tests are small: more threads only wait for each other. NumPy asks when it is
# imported, and so do the processes that the tests start.
for library in ("OPENBLAS", "OMP"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# JAX asks when it is first used: so many devices for the tests that share a batch.
os.environ.setdefault("JAX_NUM_CPU_DEVICES", "4")

# A test that needs more examples than others says so by `effort.examples`.
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=10)
settings.register_profile("thorough", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("explore", deadline=None, max_examples=100)  # other examples in every run
settings.load_profile("quick")

# A shell starts its background jobs with SIGINT ignored, and they hand that on to their children:
# no test of Ctrl-C could pass there.
signal.signal(signal.SIGINT, signal.default_int_handler)

# With --no-skips, as in CI, a skip for any other reason fails the run.
ACCEPTED_SKIPS = {
    "there is no Chromium on the PATH",  # Debian's mirror may be out of reach
}


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips",
        action="store_true",
        help="a skip fails the run, unless its reason is one of ACCEPTED_SKIPS",
    )


@pytest.hookimpl(tryfirst=True)  # before the summary, which shows the exit status
def pytest_sessionfinish(session):
    if session.config.getoption("--no-skips") and refused(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if config.getoption("--no-skips") and refused(config):
        terminalreporter.section("skipped for a reason that tests/conftest.py does not accept")
        for reason in refused(config):
            terminalreporter.write_line(reason)


def refused(config):
    """The reasons of skips that nobody has accepted."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []  # a worker of xdist has none
    reasons = {report.longrepr[2].removeprefix("Skipped: ") for report in skipped}
    return sorted(reasons - ACCEPTED_SKIPS)
