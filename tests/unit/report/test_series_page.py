"""The page of a series says only what holds of its payload."""

from pdcraft.chemistry.series import series
from pdcraft.report.series_page import series_html

RADIOACTIVE = ("A radioactive atom is red", "own nuclide's mass", "carries a radioactive atom")


def main_of(members, varied="chain"):
    return series_html(members, varied).replace("&#39;", "'").split("<body>")[1]


def test_words_on_radioactive_atoms_stand_where_there_is_one():
    labeled = main_of(series("chain", [10, 18]))
    drug = main_of(series("chain", [10, 18], payload="paclitaxel"))
    for words in RADIOACTIVE:
        assert words in labeled
        assert words not in drug


def test_one_molecule_is_counted_as_one():
    assert "<span>1 molecule</span>" in main_of(series("chain", [18]))


def test_thirty_molecules_keep_one_scale_and_their_order():
    page = main_of(series("chain", list(range(5, 35))))
    labels = [part.split("</b>")[0] for part in page.split('<td class="name"><b>')[1:]]
    widths = [int(part.split('"')[0]) for part in page.split("--wide:")[1:]]
    assert labels == [f"C{n}" for n in range(5, 35)]
    assert max(widths) <= 420
    assert min(widths) > 100  # still to be read


def test_numbers_are_those_of_the_descriptors():
    members = series("chain", [10, 18])
    page = main_of(members)
    for member in members:
        row = page.split(f"<b>{member.label}</b>")[1].split("</tr>")[0]
        said = [part.split("<")[0] for part in row.split('<td class="num">')[1:]]
        one = member.descriptors
        assert said == [
            f"{one.molar_mass_g_per_mol:.2f}",
            f"{one.monoisotopic_mass_Da:.4f}",
            f"{one.net_charge}",
            f"{one.logp_crippen:.2f}",
            f"{one.tpsa_A2:.1f}",
            f"{one.hlb_griffin:.2f}",
            f"{member.conjugate.carrier_free_ng_per_MBq:.2f}",
        ]
