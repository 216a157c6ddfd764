"""Pictures: the right kind of file, the chain level, the same bytes twice."""

import re
import xml.etree.ElementTree as ET

import pytest

from pdcraft.chemistry import catalogue_agent, compose, png, series, svg, write_picture
from pdcraft.chemistry.molecule import longest_chain, read_smiles
from pdcraft.chemistry.picture import laid_out
from pdcraft.errors import DataError


def test_svg_is_well_formed_and_repeats():
    agent = catalogue_agent("CLR 131")
    root = ET.fromstring(svg(agent))
    assert root.tag.endswith("svg")
    assert svg(agent) == svg(agent)


def test_the_chain_lies_level_with_the_payload_on_the_right():
    for name in ("CLR 131", "NM294", "edelfosine"):
        molecule, _, _ = laid_out(read_smiles(catalogue_agent(name).smiles, name))
        place = molecule.GetConformer().GetPositions()
        chain = longest_chain(molecule)
        heights = place[list(chain), 1]
        # a level zigzag of bonds of 1.5 with 120 degrees swings by 0.75; RDKit's may bend a little
        assert heights.max() - heights.min() < 1.2
        phosphorus = next(a.GetIdx() for a in molecule.GetAtoms() if a.GetSymbol() == "P")
        assert place[phosphorus, 0] < place[list(chain), 0].min()


def test_longer_chains_are_drawn_wider_at_one_scale():
    widths = [laid_out(read_smiles(m.conjugate.smiles, ""))[1] for m in series("chain", [10, 20])]
    # 10 more bonds along a zigzag of 120 degrees: 10 sin 60 = 8.66 bond lengths
    assert widths[1] - widths[0] == pytest.approx(8.66, abs=0.3)  # ends may turn a little


def test_a_metal_is_drawn_inside_its_chelator():
    made = compose("CLR1404", "DOTA", "Lu-177")
    molecule, _, _ = laid_out(read_smiles(made.smiles, made.name))
    place = molecule.GetConformer().GetPositions()
    metal = next(a.GetIdx() for a in molecule.GetAtoms() if a.GetSymbol() == "Lu")
    nitrogens = [a.GetIdx() for a in molecule.GetAtoms() if a.GetSymbol() == "N" and a.IsInRing()]
    center = place[nitrogens].mean(axis=0)
    assert abs(place[metal] - center).max() < 0.5  # the ring is 6 bond lengths wide


def test_png_has_its_signature_and_files_follow_their_ending(tmp_path):
    agent = catalogue_agent("CLR1404")
    assert png(agent).startswith(b"\x89PNG\r\n\x1a\n")
    for name in ("a.svg", "a.png"):
        write_picture(agent, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000
    with pytest.raises(DataError, match=r"must be \.svg or \.png, got '\.gif'"):
        write_picture(agent, tmp_path / "a.gif")


def test_nothing_is_drawn_that_is_not_public():
    with pytest.raises(DataError, match="not disclosed, so there is nothing to draw"):
        svg(catalogue_agent("CLR 1502"))


@pytest.mark.parametrize("payload", ["I-131", "I-125", "I-124"])
def test_iodine_has_serifs_that_keep_clear_of_its_mass_number(payload):
    drawn = svg(compose("CLR1404", None, payload))
    red = [
        path.get("d") or ""
        for path in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}path")
        if "C1261C" in (path.get("fill") or path.get("style") or "") and path.get("d")
    ]
    boxes = []
    for outline in red:
        numbers = [float(number) for number in re.findall(r"[\d.]+", outline)]
        boxes.append((min(numbers[::2]), max(numbers[::2]), max(numbers[1::2])))
    glyphs, serifs = boxes[-6:-2], boxes[-2:]  # 1, 3, 1 and I; head and foot
    letter = glyphs[-1]
    height_px = serifs[1][2] - min(s[2] for s in serifs)
    for left, right, _ in serifs:
        assert right - left > 0.5 * height_px > 2 * (letter[1] - letter[0])  # wider than its stem
        assert left > max(g[1] for g in glyphs[:-1]) + 1  # px: white between number and letter
