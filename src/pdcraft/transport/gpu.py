"""Whether this machine can run transport on an NVIDIA card, and what it lacks if not."""

from __future__ import annotations

from importlib.util import find_spec

from pdcraft.errors import DataError

__all__ = ["missing", "require_card", "simulated"]

HOW_TO = "docs/how-to/use-a-gpu.md says how; --device cpu needs nothing"


def simulated() -> bool:
    """Whether numba runs a card's functions in Python (NUMBA_ENABLE_CUDASIM=1), for tests."""
    from numba.core import config

    return bool(getattr(config, "ENABLE_CUDASIM", 0))


def missing() -> str | None:
    """Say what lacks for a run on a card; None if all is there."""
    if simulated():
        return None
    if find_spec("numba_cuda") is None:
        return (
            "numba-cuda, the compiler for NVIDIA cards, is not installed: "
            "pip install 'pdcraft[cuda]'"
        )
    from numba import cuda

    try:
        if cuda.is_available():
            return None
        why = str(getattr(cuda, "cuda_error", lambda: None)() or "the driver finds no device")
    except (RuntimeError, OSError, ImportError) as error:  # numba raises RuntimeErrors
        why = str(error)
    return f"no NVIDIA card can be used on this machine: {' '.join(why.split())}"


def require_card() -> None:
    """Refuse a run on a card where there is none.

    Raises
    ------
    DataError
        Naming what lacks: the compiler, the driver or the card.
    """
    lacks = missing()
    if lacks is not None:
        raise DataError(f"device cuda: {lacks.rstrip('.')}. {HOW_TO}")
