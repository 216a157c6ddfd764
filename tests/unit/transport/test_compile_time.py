"""Time of compilation, as numba's events tell it."""

import time

from numba.core.event import end_event, start_event

from pdcraft.transport.optical.compile_time import compile_time


def test_nested_compilations_count_once_and_none_counts_nothing():
    """Two events of 20 ms, one within the other: 20 ms or a little more, not 40."""
    with compile_time() as found:
        assert found.seconds == 0.0
        start_event("numba:compile")
        start_event("numba:compile")
        time.sleep(0.02)
        end_event("numba:compile")
        assert found.seconds == 0.0  # the outer one is under way
        end_event("numba:compile")
        time.sleep(0.05)
        start_event("numba:llvm_lock")  # another kind of event
        end_event("numba:llvm_lock")
    assert 0.02 <= found.seconds
    before = found.seconds
    start_event("numba:compile")
    end_event("numba:compile")
    assert found.seconds == before  # no longer watched
