"""Time to event: group sequential boundaries, events in calendar time, trials, estimates."""
