"""The example scene, written with changes."""

import re
from pathlib import Path

import pytest

# without its comments, so that changes of its text stay short
B1 = re.sub(r"(?m)\s+#.*$", "", Path(__file__).with_name("b1.toml").read_text())


@pytest.fixture
def scene_file(tmp_path):
    """Write the example with parts of its text replaced; each part must be there once or more."""

    def write(*changes, extra=""):
        text = B1
        for old, new in changes:
            assert old in text, f"the example has no {old!r}"
            text = text.replace(old, new, 1)
        path = tmp_path / "scene.toml"
        path.write_text(text + extra)
        return path

    return write
