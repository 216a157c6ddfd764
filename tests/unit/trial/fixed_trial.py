"""Small trials: at fixed true rates with a decision table of one's own, and the phase I example."""

from pathlib import Path

PHASE1 = Path(__file__).parents[3] / "examples" / "clr131_phase1" / "trial.toml"
HEAD = """
schema = "pdcraft.trial/1"
name = "fixed"
seed = 3
"""
TABLE = """[trial]
target = 0.25
doses = {doses}
trials = {trials}
max_n = {max_n}
{designs}
[[trial.design]]
method = "table"
table = "decisions.csv"
[[trial.estimand]]
endpoint = "DLT"
population = "treated"
treatment = "one infusion"
variable = "DLT within the window"
summary = "proportion"
[trial.estimand.strategies]
transfusion = "treatment-policy"
g-csf = "treatment-policy"
stem-cell-rescue = "composite"
infusion-withheld = "treatment-policy"
new-therapy = "while-on-treatment"
death-before-nadir = "composite"
progression-before-assessability = "while-on-treatment"
"""


def trial_table(*methods: str, doses: int, trials: int, max_n: int) -> str:
    """``[trial]`` with designs by their methods, and one of ``decisions.csv``."""
    designs = "\n".join(f'[[trial.design]]\nmethod = "{method}"' for method in methods)
    return TABLE.format(doses=doses, trials=trials, max_n=max_n, designs=designs)


def write_decisions(folder: Path, max_n: int) -> Path:
    """Save the decisions: escalate below a sixth, stay below a third."""
    rows = ["n,tox,decision"]
    for n in range(1, max_n + 1):
        rows += [f"{n},{t},{'E' if 6 * t < n else 'S' if 3 * t < n else 'D'}" for t in range(n + 1)]
    path = folder / "decisions.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def small_phase1(folder: Path, people: int, draws: int) -> Path:
    """Write the example's phase I trial with few people and draws into a folder."""
    text = PHASE1.read_text(encoding="utf-8")
    small = text.replace("n = 200 ", f"n = {people} ").replace("draws = 50", f"draws = {draws}")
    assert f"n = {people} " in small
    assert f"draws = {draws}" in small
    path = folder / "trial.toml"
    path.write_text(small, encoding="utf-8")
    return path
