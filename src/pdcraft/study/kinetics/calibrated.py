"""Time courses of the calibrated carrier model within a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate, Payload
from pdcraft.core.run import Assumption
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import StudyError
from pdcraft.study.kinetics.curves import Curves, LeftOut, tiac_of, with_regions

if TYPE_CHECKING:
    from pdcraft.data.evidence import EvidenceItem
    from pdcraft.kinetics.carrier.model import Label
    from pdcraft.kinetics.carrier.parameters import Species
    from pdcraft.kinetics.carrier.raft import RaftChange
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["calibrated_curves", "own_evidence", "per_lesion", "regions_of"]

CALIBRATED = ("CLR1404", "alkylphosphocholine with a DOTA chelator")  # carriers the model is of
SEEN_TO_h = {"mouse": 312.0, "human": 1008.0}  # latest time of any evidence
BESIDE = ("dose_per_activity", "concentration_ratio")  # quantities that stand beside a figure
HIDDEN = ("remainder",)  # no mass of its own and no dose


def calibrated_curves(study: StudyFile, conjugate: Conjugate, ledger: Ledger) -> Curves:
    """Take the shipped draws to the study's host, payload and membranes.

    Where the agent's own published doses were fitted, the same curves are made again from draws
    that never saw those subjects: only they may stand beside the publication as a prediction.
    """
    payload = _payload(conjugate)
    raft = _raft(study)
    items = own_evidence(conjugate, study)
    model = _model(study, payload, ledger, None)
    _assume(study, conjugate, payload, ledger)
    if study.host.species == "mouse" and _label(payload) == "iodine":
        ledger.warn(
            "mouse_iodide",
            "kinetics",
            "Free iodide in the mouse follows the adult's rates scaled in time: thyroid, salivary "
            "glands and stomach are assumptions, not predictions.",
        )
    doses = [item for item in items if item.quantity == "dose_per_activity"]
    fitted = frozenset(region for item in doses for region in regions_of(item, study))
    beside = [item for item in items if item.quantity in BESIDE]
    left_out: list[LeftOut] = []
    for subjects in dict.fromkeys(item.subjects for item in beside):
        again = _model(study, payload, ledger, subjects)
        regions = {r for i in doses if i.subjects == subjects for r in regions_of(i, study)}
        curves = _curves(study, again, raft)
        left_out.append(LeftOut(subjects, curves, tuple(sorted(regions))))
    curves = _curves(study, model, raft, fitted)
    if raft != _unchanged():
        _against_unchanged(study, model, curves, ledger)
    elif study.host.species == "human":
        _from_mouse(study, payload, ledger)
        _new_patient(study, payload, ledger)
    return replace(curves, left_out=tuple(left_out))


def own_evidence(conjugate: Conjugate, study: StudyFile) -> tuple[EvidenceItem, ...]:
    """Return the fitted rows of the evidence that speak of this agent in this host.

    None where the study changes the membranes: no published figure speaks of those.
    """
    from pdcraft.data.evidence import carrier_evidence

    if _raft(study) != _unchanged():
        return ()
    nuclide = conjugate.payload.name if conjugate.payload else None
    return tuple(
        item
        for item in carrier_evidence()
        if item.use == "fit"
        and item.species == study.host.species
        and item.nuclide == nuclide
        and item.compound in conjugate.name
    )


def _payload(conjugate: Conjugate) -> Payload:
    payload, carrier = conjugate.payload, conjugate.carrier
    if payload is None or payload.half_life_h is None:
        raise StudyError(f"agent: {conjugate.name} carries no radionuclide; there is no activity")
    if carrier is None or carrier.name not in CALIBRATED:
        raise StudyError(
            f"kinetics.source: the calibrated carrier is {CALIBRATED[0]} and its chelate; "
            f"{conjugate.name} has the carrier '{carrier.name if carrier else 'unknown'}'; "
            "use source = 'fit' with its own data"
        )
    return payload


def _label(payload: Payload) -> Label:
    return "iodine" if payload.name.startswith("I-") else "metal"


def _raft(study: StudyFile) -> RaftChange:
    from pdcraft.kinetics.carrier.raft import RaftChange

    assert study.kinetics is not None
    said = study.kinetics
    return RaftChange(said.cholesterol, said.sphingolipid, said.depleted)


def _unchanged() -> RaftChange:
    from pdcraft.kinetics.carrier.raft import UNCHANGED

    return UNCHANGED


def _draws(species: Species, without: str | None, study: StudyFile) -> dict[str, Floats]:
    """Take the study's draws of a species, which never saw some subjects."""
    from pdcraft.data.evidence import carrier_evidence
    from pdcraft.study.kinetics.shipped import shipped_draws

    # the other species' draws never saw subjects of this one; its own must have left them out
    seen = {i.subjects for i in carrier_evidence() if i.species == species and i.use == "fit"}
    return shipped_draws(species, study.draws, study.seed, without if without in seen else None)


@dataclass(frozen=True, slots=True)
class _Model:
    """Draws of the model's parameters for the study's payload, and what its label does."""

    parameters: Mapping[str, Floats]
    label: Label
    blocked: float
    half_life_h: float


def _model(
    study: StudyFile,
    payload: Payload,
    ledger: Ledger,
    without: str | None,
    *,
    patients: bool = False,
) -> _Model:
    """Draws from all evidence, or from all but some subjects.

    Of the typical subject, or of one new patient in each draw.
    """
    from pdcraft.kinetics.carrier.iodide import blocked_share
    from pdcraft.kinetics.carrier.lesion import with_mouse_tumor
    from pdcraft.kinetics.carrier.payload import payload_effect, with_payload
    from pdcraft.kinetics.carrier.population import with_subjects

    assert study.kinetics is not None
    species, n, seed = study.host.species, study.draws, study.seed
    parameters = _draws(species, without, study)
    if species == "human":
        parameters = with_mouse_tumor(parameters, _draws("mouse", without, study), seed)
    if patients:
        one = with_subjects(parameters, 1, seed)
        parameters = {name: values[:, 0] for name, values in one.items()}
    label = _label(payload)
    factors = payload_effect(label).draw(seed, n)
    if without is None and not patients:
        ledger.inputs.update({f"kinetics.carrier.{k}": v for k, v in parameters.items()})
        ledger.inputs.update({f"kinetics.payload.{k}": v for k, v in factors.items()})
    blocked = blocked_share() if study.kinetics.thyroid == "blocked" else 0.0
    assert payload.half_life_h is not None
    return _Model(with_payload(parameters, factors), label, blocked, payload.half_life_h)


def _courses(study: StudyFile, model: _Model, raft: RaftChange) -> tuple[TimeCourse, ...]:
    from pdcraft.kinetics.carrier.courses import time_courses
    from pdcraft.kinetics.carrier.parameters import host

    plasma, tissues, whole = time_courses(
        host(study.host.species),
        model.parameters,
        f"{study.name}/{study.seed}/{study.draws}",
        label=model.label,
        raft=raft,
        blocked=model.blocked,
    )
    return plasma, per_lesion(tissues, study), whole


def _curves(
    study: StudyFile, model: _Model, raft: RaftChange, fitted: frozenset[str] = frozenset()
) -> Curves:
    """Time courses, their integrals and what is excreted."""
    from pdcraft.kinetics.carrier.excretion import excretion
    from pdcraft.kinetics.carrier.parameters import host

    species = study.host.species
    courses = _courses(study, model, raft)
    flows = excretion(
        host(species), model.parameters, label=model.label, raft=raft, blocked=model.blocked
    )
    tiac = tiac_of(courses, model.half_life_h, fitted)
    return Curves(courses, tiac, SEEN_TO_h[species], fitted=fitted, excretion=flows)


def per_lesion(
    tissues: TimeCourse, study: StudyFile, hidden: tuple[str, ...] = HIDDEN
) -> TimeCourse:
    """Give each lesion the tumor's curve, or the glioma's where its site is the brain.

    Regions in `hidden` are left out.
    """

    def names(region: str) -> list[str]:
        if region in ("tumor", "glioma"):
            return _lesions(study, in_brain=region == "glioma")
        return [] if region in hidden else [region]

    return with_regions(tissues, names)


def _lesions(study: StudyFile, *, in_brain: bool) -> list[str]:
    """Regions of the study's lesions inside of a human brain, or elsewhere."""
    human = study.host.species == "human"
    return [f"lesion:{x.name}" for x in study.lesion if (human and x.site == "brain") == in_brain]


def regions_of(item: EvidenceItem, study: StudyFile) -> tuple[str, ...]:
    """Regions of the study that a row of the evidence speaks of."""
    if item.region != "tumor":
        return (item.region,)
    return tuple(_lesions(study, in_brain=item.reference_region == "brain"))


def _against_unchanged(study: StudyFile, model: _Model, curves: Curves, ledger: Ledger) -> None:
    """Note what the change of the membranes does to each lesion and organ."""
    before = tiac_of(_courses(study, model, _unchanged()), model.half_life_h)
    for region, changed in curves.tiac.items():
        ledger.number(
            "kinetics",
            "ratio",
            changed.draws / before[region].draws,
            origin="computed",
            region=region,
            arm="against unchanged membranes",
            flags=("time-integrated activity over that with unchanged membranes",),
        )


def _new_patient(study: StudyFile, payload: Payload, ledger: Ledger) -> None:
    """Note what a patient not seen yet may have: the typical one's draws and the spread around."""
    model = _model(study, payload, ledger, None, patients=True)
    for region, found in tiac_of(_courses(study, model, _unchanged()), model.half_life_h).items():
        ledger.number(
            "kinetics",
            found.kind,
            found.draws,
            origin="computed",
            region=region,
            arm="a new patient",
            spread="predictive",
            inputs={},
        )
    ledger.assume(
        Assumption(
            "kinetics.between_patients",
            "Patients differ as with miltefosine, a peer compound (23 % in clearance, 18 % in "
            "volume, 31 patients), right within a factor 2, and by 50 % in a tumor's uptake and "
            "retention.",
            "log-normal",
            tuple(k for k in ("dorlo2008",) if k in ledger.citations),
        )
    )


def _from_mouse(study: StudyFile, payload: Payload, ledger: Ledger) -> None:
    """Note what the mouse alone, scaled in five ways, would say of man's organs."""
    from pdcraft.kinetics.carrier.extrapolate import from_mouse

    assert payload.half_life_h is not None
    found = from_mouse(
        _draws("mouse", None, study),
        payload.half_life_h,
        label=_label(payload),
        seed=study.seed,
    )
    weights = ", ".join(f"{method} {share:g}" for method, share in found.weights.items())
    for region, by_method in found.by_method.items():
        ways = {**by_method, "average": found.averaged(region)}
        for way, values in ways.items():
            ledger.number(
                "kinetics",
                "time_integrated_activity_coefficient",
                values,
                origin="computed",
                region=region,
                arm=f"scaled from the mouse, {way}",
                flags=(f"prior weights: {weights}",) if way == "average" else (),
            )


def _assume(study: StudyFile, conjugate: Conjugate, payload: Payload, ledger: Ledger) -> None:
    from pdcraft.data.evidence import carrier_evidence
    from pdcraft.kinetics.carrier.iodide import iodide_citations
    from pdcraft.kinetics.carrier.parameters import priors
    from pdcraft.kinetics.carrier.payload import payload_effect
    from pdcraft.kinetics.carrier.raft import raft_citations

    assert study.kinetics is not None
    species = study.host.species
    rows = [i for i in carrier_evidence() if i.use == "fit" and i.species == species]
    sources = ledger.cite(dict.fromkeys(i.citation for i in rows))
    ledger.cite(priors(species).citations.values())
    label = _label(payload)
    effect = payload_effect(label)

    def assume(what: str, text: str, value: str, keys: tuple[str, ...] = ()) -> None:
        ledger.assume(Assumption(f"kinetics.{what}", text, value, keys))

    assume(
        "carrier",
        f"One carrier model in mouse and man, calibrated in the {species} on {len(rows)} published "
        "figures; what they do not inform is the prior's.",
        f"{len(rows)} figures",
        sources,
    )
    assume(
        "payload_effect",
        f"Factors of the payload on uptake and clearance, median 1: {effect.text}.",
        f"log SD {effect.uptake_log_sd:g} and {effect.clearance_log_sd:g}",
    )
    keys = ledger.cite(raft_citations())
    assume(
        "raft",
        "Uptake follows the share of raft in membranes, from cholesterol and sphingolipid; the "
        "contents of tumor membranes are assumed.",
        f"cholesterol x {study.kinetics.cholesterol:g}, sphingolipid x "
        f"{study.kinetics.sphingolipid:g}, in {study.kinetics.depleted} membranes",
        keys,
    )
    if label == "iodine":
        assume(
            "iodide",
            "Iodide set free in the liver goes to thyroid, salivary glands, stomach wall and "
            f"urine; the thyroid is {study.kinetics.thyroid}.",
            study.kinetics.thyroid,
            ledger.cite(iodide_citations()),
        )
    if species == "human" and _lesions(study, in_brain=False):
        mice = [i for i in carrier_evidence() if i.use == "fit" and i.species == "mouse"]
        assume(
            "lesion",
            "No human figure speaks of uptake by a tumor outside the brain: the mouse's calibrated "
            "tumor, slowed by the body-mass ratio to the power 0.26 (SD 0.16), right for a "
            "patient's lesion within a factor 4.",
            "mouse tumor, time scaled",
            ledger.cite(dict.fromkeys(i.citation for i in mice)),
        )
