"""Doses of regions in the host's body: every source to every target, draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.regions import regions
from pdcraft.core.run import Assumption
from pdcraft.errors import StudyError
from pdcraft.numerics.inputs import log_normal
from pdcraft.study.dosimetry.excreta import excreta_activity, excreta_tiac, note_excreta
from pdcraft.study.dosimetry.host_body import MASS_CV, HostBody, host_body
from pdcraft.study.dosimetry.lesions import surroundings_of, transported_lesions
from pdcraft.study.dosimetry.region_dose import (
    FLUIDS,
    Doses,
    RegionDose,
    note_progeny,
    wanted_regions,
)
from pdcraft.study.dosimetry.sphere_doses import marrow_share

if TYPE_CHECKING:
    from pdcraft.core.body import Body
    from pdcraft.data.nuclides import Progeny
    from pdcraft.dosimetry.marrow_dose import MarrowDose
    from pdcraft.dosimetry.organ_dose import OrganDose
    from pdcraft.dosimetry.organ_s import OrganS
    from pdcraft.study.kinetics.curves import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["Organs", "organs_of"]

REMAINDER, TOTAL, MARROW, SKELETON = "remainder", "total_body", "red_marrow", "skeleton"
PLACES = {REMAINDER: "soft tissue"}
WALL_SHARE = 0.65  # of a solid that is wall and contents, where no mass is known: as in the adult
HIDDEN = ("_contents", "remainder")  # targets whose dose no one asks for
SELF, OTHERS, REST = "itself", "other regions", "the remainder"  # where a share comes from
ALL = "all sources, electrons and photons transported in the body"
LISTED = "sources with a curve only: without a whole-body curve the rest of the body is not known"


@dataclass(frozen=True, slots=True)
class Organs:
    """What the doses of all curves of a study have in common: body, masses and S values.

    Parameters
    ----------
    mass_g : mapping of str to ndarray
        Drawn masses of the sources with curves.
    inside : mapping of str to str
        Regions without a solid, and the region that they are spheres in.
    share : ndarray or None
        Of the marrow that holds plasma's concentration, where its activity comes from plasma.
    sources : tuple of str
        Keys of citations.
    S_by : callable
        S values by another method of the red marrow.
    body : Body
        With the lesions that are transported in it.
    """

    study: StudyFile
    nuclide: str
    host: HostBody
    S: OrganS
    mass_g: Mapping[str, Floats]
    inside: Mapping[str, str]
    share: Floats | None
    sources: tuple[str, ...]
    S_by: Callable[[str], OrganS]
    body: Body

    def doses(self, curves: Curves, ledger: Ledger) -> Doses:
        """Compute the dose coefficient of every region that was asked for."""
        from pdcraft.dosimetry.organ_dose import organ_dose

        tiac, made = self._tiac(curves, ledger)
        whole = REMAINDER in made
        S = self.S
        drawn = {S.stands_for.get(r, r): self.mass_g[r] for r in tiac if r in self.mass_g}
        found = organ_dose(S, tiac, drawn)
        known = _known(S, curves, whole)
        out = {
            region: self._region(region, found, whole=whole)
            for region in wanted_regions(self.study, known)
        }
        return Doses(out, found, made)

    def _tiac(self, curves: Curves, ledger: Ledger) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Hours of activity of all sources; and of those that no curve gives, as they were made."""
        out = {
            region: tiac.in_organ_h(self.mass_g[region])
            for region, tiac in curves.tiac.items()
            if region in self.mass_g
        }
        made: dict[str, Floats] = {}
        if self.share is not None and "plasma" in curves.tiac:
            made[MARROW] = curves.tiac["plasma"].draws * self.share * self.mass_g[MARROW]
        out |= made
        whole = curves.tiac.get(TOTAL)
        if whole is not None:
            rest = whole.draws - sum(out.values(), start=np.zeros_like(whole.draws))
            out[REMAINDER] = made[REMAINDER] = _not_negative(rest, whole.draws, ledger)
        if curves.excretion:
            excreta = excreta_tiac(self.study, self.nuclide, self.host.body, curves)
            out |= self._with_tissue(excreta, out)
            made |= excreta
        return out, made

    def marrow(self, found: OrganDose) -> tuple[MarrowDose, ...]:
        """Red-marrow doses by other methods than the study's, of the same activities."""
        from pdcraft.dosimetry.marrow_dose import COMPARED, marrow_dose_of

        if not self.S.red_marrow_method:
            return ()
        own = self.S.red_marrow_method
        tables = [self.S, *(self.S_by(m) for m in COMPARED if m != own)]
        mass_g = found.mass_g.get(MARROW)
        return tuple(marrow_dose_of(S, found.tiac_h, mass_g) for S in tables)

    def rates_mGy_per_MBq_h(
        self, curves: Curves, targets: Sequence[str], since_h: Floats
    ) -> Floats:
        """Dose rates at times after one bolus, in draws; masses are those of the table.

        Returns
        -------
        ndarray, shape (draws, targets, times)
        """
        from pdcraft.dosimetry.dose_rate import dose_rate_mGy_per_MBq_h
        from pdcraft.dosimetry.tiac import source_weights

        activity = self._activity(curves, since_h)
        weight = source_weights(self.S, tuple(activity))
        rows = [self.S.targets.index(self.S.stands_for.get(t, t)) for t in targets]
        s_value = np.maximum(self.S.total[rows] @ weight.T, 0.0)
        return dose_rate_mGy_per_MBq_h(s_value, np.stack(list(activity.values()), axis=1))

    def _activity(self, curves: Curves, since_h: Floats) -> dict[str, Floats]:
        """Activity of all sources per administered activity, each of shape (draws, times)."""
        from pdcraft.data.nuclides import half_life_h

        half_life = half_life_h(self.nuclide)

        def at(region: str) -> Floats:
            course = curves.course(region)
            assert course is not None
            all_of_it = course.activity(half_life).at(since_h).mean(axis=1)
            mass_g = 1.0 if course.quantity.key == "amount_fraction" else self._table_g(region)
            return mass_g * all_of_it[:, course.regions.index(region)]

        out = {r: at(r) for r in curves.tiac if r in self.mass_g}
        if self.share is not None and curves.course("plasma") is not None:
            out[MARROW] = at("plasma") / self._table_g("plasma") * self.share[:, None]
            out[MARROW] = out[MARROW] * self._table_g(MARROW)
        if TOTAL in curves.tiac:
            whole = at(TOTAL)
            rest = whole - sum(out.values(), start=np.zeros_like(whole))
            out[REMAINDER] = np.maximum(rest, 0.0)
        if curves.excretion:
            tiac = excreta_tiac(self.study, self.nuclide, self.host.body, curves)
            out |= self._with_tissue(excreta_activity(tiac, half_life, curves, since_h), out)
        return {r: np.maximum(values, 0.0) for r, values in out.items()}

    def _table_g(self, region: str) -> float:
        """Mass of a region as the table has it; 1 for a fluid."""
        name = self.S.stands_for.get(region, region)
        if name not in self.S.targets:
            return 1.0
        return float(self.S.target_mass_g[self.S.targets.index(name)])

    def _with_tissue(
        self, excreta: Mapping[str, Floats], out: Mapping[str, Floats]
    ) -> dict[str, Floats]:
        """Leave the wall that contents stand for the rest's activity: it is no less tissue."""
        S, rest = self.S, out.get(REMAINDER)
        named = {S.stands_for.get(r, r) for r in (*out, *excreta) if r != REMAINDER}
        mass = dict(zip(S.sources, S.source_mass_g.tolist(), strict=True))
        rest_g = sum(mass[part] for part in S.parts if part not in named)
        if MARROW in named and SKELETON in S.groups and SKELETON not in named:
            rest_g -= mass[MARROW]
        moved = dict(excreta)
        for wall, contents in S.stands_for.items():
            if rest is None or contents not in excreta:
                continue
            wall_g = self.host.extra_g.get(wall, WALL_SHARE * mass[contents])
            share = wall_g / (rest_g + wall_g)
            moved[contents] = moved[contents] + share * rest
            rest = (1 - share) * rest
            moved[REMAINDER] = rest
        return moved

    def _region(self, region: str, found: OrganDose, *, whole: bool) -> RegionDose:
        S = self.S
        values = found.target(region)
        row = S.targets.index(S.stands_for.get(region, region))
        flags = [ALL if whole else LISTED]
        if region in self.inside:
            place = PLACES.get(self.inside[region], self.inside[region])
            flags = [f"self-dose of a sphere, and photons as they reach {place}"]
        elif region in S.stands_for:
            flags.append(f"dose of {S.stands_for[region]}, which stands for it")
        elif region in (MARROW, "bone_surface"):
            flags.append(f"method {S.red_marrow_method}")
        shares: dict[str, Floats] = {}
        if region in (MARROW, "tumor") or region.startswith("lesion:"):
            parts = {kind: np.zeros_like(values) for kind in (SELF, OTHERS, REST)}
            for name, part in found.by_source.items():
                kind = SELF if name == region else REST if name == REMAINDER else OTHERS
                parts[kind] = parts[kind] + part[:, row]
            total = np.where(values > 0, values, 1.0)
            shares = {kind: part / total for kind, part in parts.items() if np.any(part)}
        return RegionDose(values, tuple(flags), self.sources, float(found.std_err[row]), shares)


def organs_of(
    study: StudyFile,
    folder: Path,
    nuclide: str,
    curves: Curves,
    ledger: Ledger,
    *,
    progeny: Progeny | None = None,
) -> Organs:
    """Set up the body, its masses and its S values, and note what they assume."""
    from pdcraft.dosimetry.marrow_fractions import DEFAULT_METHOD
    from pdcraft.dosimetry.organ_s import organ_S
    from pdcraft.dosimetry.sphere_regions import SphereRegion, with_spheres

    assert study.dosimetry is not None
    host = host_body(study, folder, ledger)
    body, fractions = transported_lesions(study, host)
    said = study.dosimetry

    def plain(method: str) -> OrganS:
        return organ_S(
            body, fractions, nuclide,
            progeny=progeny, masses=said.mass_table, marrow=method, convention=said.contents,
        )  # fmt: skip

    bare = plain(said.marrow or DEFAULT_METHOD)
    wanted = [r for r in curves.tiac if r not in (*FLUIDS, TOTAL, REMAINDER)]
    from_blood = (
        study.host.species == "human" and "plasma" in curves.tiac and MARROW not in wanted
        and MARROW in bare.sources
    )  # fmt: skip
    spheres: list[SphereRegion] = []
    for region in [*wanted, *([MARROW] if from_blood else [])]:
        if bare.stands_for.get(region, region) in bare.sources:
            continue
        mass = host.mass_g(region)
        if mass is None:
            message = f"{region}: no mass is known, so no dose; give it in a masses file"
            ledger.warn("no_mass", "dosimetry", message)
            continue
        parts = regions()[region].parts if region in regions() else 1
        spheres.append(SphereRegion(region, mass, surroundings_of(region, study, host), parts))
    S = with_spheres(bare, spheres)
    inside = {one.name: one.surroundings for one in spheres}
    named = [r for r in wanted if S.stands_for.get(r, r) in S.sources]
    named += [MARROW] if from_blood else []
    mass_g = {r: _mass(r, S, host, study, ledger) for r in named}
    share, cited = None, ()
    if from_blood:
        share, cited = marrow_share(study, study.draws, ledger)
    _note(S, inside, ledger)
    note_progeny(S.nuclide, S.progeny, ledger)
    note_excreta(study, body, curves, ledger)
    return Organs(
        study,
        nuclide,
        host,
        S,
        mass_g,
        inside,
        share,
        (host.source, *cited),
        lambda method: with_spheres(plain(method), spheres),
        body,
    )


def _mass(region: str, S: OrganS, host: HostBody, study: StudyFile, ledger: Ledger) -> Floats:
    """Draw a source's mass; a mass that the study states without a spread is taken as known."""
    mass = float(S.target_mass_g[S.targets.index(S.stands_for.get(region, region))])
    name = f"dosimetry.mass.{region}"
    sd, stated = host.sd_g.get(region), region in host.stated
    if sd is None and not stated:
        sd = MASS_CV * mass
    if not sd:
        text = f"Mass of the {region.replace('_', ' ')}, as the study states it, taken as known."
        ledger.assume(Assumption(name, text, f"{mass:.4g} g"))
        return np.full(study.draws, mass)
    spread = log_normal(name, mass, cv=sd / mass)
    ledger.inputs[name] = spread.draw(study.seed, study.draws)
    how = "as the study states it" if stated else f"{S.masses}, its spread assumed"
    text = f"Mass of the {region.replace('_', ' ')}: {how}."
    ledger.assume(Assumption(name, text, f"{mass:.4g} g, CV {100 * sd / mass:.3g} %"))
    return ledger.inputs[name]


def _not_negative(rest_h: Floats, whole_h: Floats, ledger: Ledger) -> Floats:
    """Set the rest of the body to zero where regions hold more than all of it, and say so.

    Raises
    ------
    StudyError
        If that is so on average.
    """
    if not rest_h.mean() > 0:
        raise StudyError(
            f"the rest of the body has {rest_h.mean():.3g} h: its regions hold more than the whole "
            f"body's {whole_h.mean():.3g} h; check the whole-body curve, units and decay correction"
        )
    below = float((rest_h < 0).mean())
    if below > 0:
        ledger.warn(
            "negative_remainder",
            "dosimetry",
            f"In {below:.1%} of the draws the regions hold more than the whole body (a lesion of "
            "the carrier model takes nothing from it; other curves are drawn apart): the rest of "
            "the body is taken as empty there.",
        )
    return np.maximum(rest_h, 0.0)


def _known(S: OrganS, curves: Curves, whole: bool) -> tuple[str, ...]:
    """Regions with a dose: those with a curve, and with a whole-body curve all organs."""
    bones = S.groups.get(SKELETON, ())
    named = [r for r in curves.tiac if r not in (*FLUIDS, TOTAL)]
    own = [r for r in named if S.stands_for.get(r, r) in S.targets]
    if not whole:
        return tuple(own)
    organs = [t for t in S.targets if t not in bones and not t.endswith(HIDDEN)]
    stands = [name for name in S.stands_for if name not in own]
    return tuple(dict.fromkeys([*own, *organs, *stands]))


def _note(S: OrganS, inside: Mapping[str, str], ledger: Ledger) -> None:
    if S.red_marrow_method:
        ledger.assume(
            Assumption(
                "dosimetry.marrow_method",
                "Red marrow and bone surface are not in the geometry: their dose follows a named "
                "method; others give other doses.",
                S.red_marrow_method,
            )
        )
    for name, around in inside.items():
        ledger.assume(
            Assumption(
                f"dosimetry.place.{name}",
                f"The body has no solid for {name.replace('_', ' ')}: a sphere, uniformly filled, "
                "reached by photons as its surroundings are.",
                PLACES.get(around, around),
            )
        )
