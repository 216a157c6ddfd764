"""Draw structures: SVG and PNG, dark on white, the chain stretched along the page.

A radioactive atom is drawn in red with its mass number. The I of iodine gets serifs and a gap after
its mass number: without them 131I reads as a number and a bond. Pictures are fixed by the structure
alone, so the same molecule gives the same bytes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdcraft.chemistry.molecule import longest_chain, read_smiles
from pdcraft.core.conjugate import NOT_DISCLOSED, Conjugate
from pdcraft.errors import DataError

if TYPE_CHECKING:
    from rdkit.Chem import Mol

__all__ = ["laid_out", "png", "svg", "write_picture"]

_INK = (0.10, 0.12, 0.16)
_LABEL = (0.76, 0.15, 0.11)
_BOND_px = 24.0
_MARGIN_px = 26.0
_CHAIN = 6  # a chain this long sets the direction of the page
_IODINE = 53
_SERIF = 0.23  # reach of a serif to either side, in heights of the letter
_SERIF_HEIGHT = 0.13
_CHELATOR = 9  # ring size from which a ring is taken as a chelator


def laid_out(molecule: Mol) -> tuple[Mol, float, float]:
    """Lay the molecule out in the plane, its chain level and its payload to the right.

    Returns the molecule, and its width and height in bond lengths.
    """
    import numpy as np
    from rdkit.Chem import rdDepictor, rdMolTransforms

    rdDepictor.SetPreferCoordGen(False)
    rdDepictor.Compute2DCoords(molecule, canonOrient=True)
    _seat_metal(molecule)
    place = molecule.GetConformer().GetPositions()[:, :2]
    chain = longest_chain(molecule)
    long = place[list(chain)] if len(chain) >= _CHAIN else place
    _, _, axes = np.linalg.svd(long - long.mean(axis=0), full_matrices=False)
    x, y = axes[0]
    labeled = [
        a.GetIdx() for a in molecule.GetAtoms() if a.GetIsotope() or a.GetAtomicNum() == _IODINE
    ]
    phosphorus = [a.GetIdx() for a in molecule.GetAtoms() if a.GetAtomicNum() == 15]
    ends = (phosphorus or [0])[0], (labeled or [molecule.GetNumAtoms() - 1])[0]
    if float((place[ends[1]] - place[ends[0]]) @ axes[0]) < 0:
        x, y = -x, -y
    turn = np.array([[x, y, 0, 0], [-y, x, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=float)
    rdMolTransforms.TransformConformer(molecule.GetConformer(), turn)
    place = molecule.GetConformer().GetPositions()[:, :2]
    width, height = (place.max(axis=0) - place.min(axis=0)) / 1.5  # RDKit's bond length is 1.5
    return molecule, float(width), float(height)


def _seat_metal(molecule: Mol) -> None:
    """Move a lone metal ion into the chelating ring, where it sits."""
    from rdkit import Chem
    from rdkit.Geometry import Point3D

    rings = [ring for ring in molecule.GetRingInfo().AtomRings() if len(ring) >= _CHELATOR]
    lone = [part[0] for part in Chem.GetMolFrags(molecule) if len(part) == 1]
    ions = [i for i in lone if molecule.GetAtomWithIdx(i).GetFormalCharge() > 1]
    if len(rings) == 1 and len(ions) == 1:
        place = molecule.GetConformer()
        x, y, _ = place.GetPositions()[list(rings[0])].mean(axis=0)
        place.SetAtomPosition(ions[0], Point3D(float(x), float(y), 0.0))


def _draw(conjugate: Conjugate, kind: str, scale: float) -> Any:
    if conjugate.smiles is None:
        raise DataError(
            f"agent '{conjugate.name}': its structure is {NOT_DISCLOSED}, so there is nothing to "
            "draw; give your own SMILES to 'pdcraft compose --smiles'"
        )
    molecule, wide, high = laid_out(read_smiles(conjugate.smiles, conjugate.name))
    size = (
        int(scale * (wide * _BOND_px + 2 * _MARGIN_px + 24)),
        int(scale * (high * _BOND_px + 2 * _MARGIN_px)),
    )
    iodine = [a.GetIdx() for a in molecule.GetAtoms() if a.GetAtomicNum() == _IODINE]
    for i in iodine:
        atom = molecule.GetAtomWithIdx(i)
        if atom.GetIsotope():
            atom.SetProp("atomLabel", f"<sup>{atom.GetIsotope()} </sup>I")
    canvas = _canvas(molecule, kind, size, scale)
    if iodine:
        plain = _canvas(molecule, "svg", size, scale)
        plain.FinishDrawing()
        for i in iodine:
            _add_serifs(canvas, molecule, i, _letter_box(plain.GetDrawingText(), i))
    canvas.FinishDrawing()
    return canvas.GetDrawingText()


def _canvas(molecule: Mol, kind: str, size: tuple[int, int], scale: float) -> Any:
    """Draw the molecule; the canvas is left open for additions."""
    from rdkit.Chem.Draw import rdMolDraw2D

    make = rdMolDraw2D.MolDraw2DSVG if kind == "svg" else rdMolDraw2D.MolDraw2DCairo
    canvas = make(*size)
    options = canvas.drawOptions()
    options.setAtomPalette({-1: _INK})
    options.fixedBondLength = scale * _BOND_px
    options.bondLineWidth = 1.5 * scale
    options.scaleBondWidth = False
    options.minFontSize = int(13 * scale)
    options.maxFontSize = int(16 * scale)
    options.additionalAtomLabelPadding = 0.1
    options.padding = 0.02
    options.clearBackground = True
    for atom in molecule.GetAtoms():
        if atom.GetIsotope():
            options.setAtomPalette({-1: _INK, atom.GetAtomicNum(): _LABEL})
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, molecule, kekulize=True)
    return canvas


def _letter_box(drawn: str, atom: int) -> tuple[float, float, float, float]:
    """Find left, top, right and bottom of an atom's symbol, the tallest letter of its label."""
    boxes: list[tuple[float, float, float, float]] = []
    for outline in re.findall(rf"<path class='atom-{atom}' d='([^']*)'", drawn):
        numbers = [float(number) for number in re.findall(r"[\d.]+", outline)]
        x, y = numbers[::2], numbers[1::2]
        if x:
            boxes.append((min(x), min(y), max(x), max(y)))
    return max(boxes, key=lambda box: box[3] - box[1])


def _add_serifs(
    canvas: Any, molecule: Mol, atom: int, box: tuple[float, float, float, float]
) -> None:
    """Put a bar at the head and at the foot of a letter I."""
    from rdkit.Geometry import Point2D

    left, top, right, bottom = box
    reach, thick = _SERIF * (bottom - top), _SERIF_HEIGHT * (bottom - top)
    canvas.SetColour(_LABEL if molecule.GetAtomWithIdx(atom).GetIsotope() else _INK)
    canvas.SetFillPolys(True)
    canvas.SetLineWidth(0)
    for y in (top, bottom - thick):
        corners = ((left - reach, y), (right + reach, y))
        corners += ((right + reach, y + thick), (left - reach, y + thick))
        canvas.DrawPolygon([Point2D(*corner) for corner in corners], True)


def svg(conjugate: Conjugate) -> str:
    """Draw as SVG, letters as paths, without an XML declaration: fit to stand inside HTML.

    Raises
    ------
    DataError
        If the structure is not disclosed.
    """
    text = str(_draw(conjugate, "svg", 1.0))
    return text[text.index("<svg") :]


def png(conjugate: Conjugate, *, scale: float = 3.0) -> bytes:
    """Draw as PNG; ``scale`` 3 is about 300 dots an inch at the size of the SVG.

    Raises
    ------
    DataError
        If the structure is not disclosed.
    """
    return bytes(_draw(conjugate, "png", scale))


def write_picture(conjugate: Conjugate, path: Path) -> None:
    """Write ``path`` as SVG or PNG, by its ending; its folder is made if it does not exist.

    Raises
    ------
    DataError
        For another ending, or a structure that is not disclosed.
    """
    ending = path.suffix.lower()
    if ending not in (".svg", ".png"):
        raise DataError(f"picture '{path}': the ending must be .svg or .png, got '{ending}'")
    drawn = svg(conjugate).encode() if ending == ".svg" else png(conjugate)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn)
