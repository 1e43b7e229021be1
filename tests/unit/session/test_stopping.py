"""When a training has to stop."""

import os
import signal
import time

from scoretable.session.stopping import TimeLimits, deferred_signals


def test_a_signal_in_the_block_is_noted_and_does_nothing_else() -> None:
    with deferred_signals() as request:
        assert request.name == ""
        os.kill(os.getpid(), signal.SIGINT)
        assert request.name == "SIGINT"
        os.kill(os.getpid(), signal.SIGTERM)
        assert request.name == "SIGTERM"


def test_the_limit_is_reached_before_the_longest_call_and_a_checkpoint_would_pass_it() -> None:
    limits = TimeLimits(session_hours=10 / 3600)
    assert limits.reached(saving_seconds=1) == ""
    assert limits.reached(saving_seconds=6) == "max_hours"
    time.sleep(0.2)
    limits.reached(saving_seconds=0)
    assert limits.longest_seconds >= 0.2


def test_earlier_sessions_count_for_the_total_only() -> None:
    assert TimeLimits(session_hours=1, total_hours=2, earlier_seconds=3600).reached(0) == ""
    assert TimeLimits(session_hours=1, total_hours=2, earlier_seconds=7200).reached(0) == "max_total_hours"


def test_without_limits_nothing_is_reached() -> None:
    assert TimeLimits(earlier_seconds=1e9).reached(1e9) == ""
