import pytest

from pipelines.bylines import names_of_byline


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Keo Rathana", ["Keo Rathana"]),
        ("By Keo Rathana", ["Keo Rathana"]),
        ("by  Keo\nRathana", ["Keo Rathana"]),
        ("BY KEO RATHANA", ["KEO RATHANA"]),
        ("Written by Keo Rathana and Sim Dara", ["Keo Rathana", "Sim Dara"]),
        ("Reporter : Keo Rathana & Sim Dara", ["Keo Rathana", "Sim Dara"]),
        ("Keo Rathana/Sim Dara; Ann Field | Lim Bopha", ["Keo Rathana", "Sim Dara", "Ann Field", "Lim Bopha"]),
        ("Par Keo Rathana et Sim Dara", ["Keo Rathana", "Sim Dara"]),
        ("Por Keo Rathana y Sim Dara", ["Keo Rathana", "Sim Dara"]),
        ("អត្ថបទដោយ៖ កែវ រតនា និង ស៊ឹម ដារ៉ា", ["កែវ រតនា", "ស៊ឹម ដារ៉ា"]),
        ("作者：王伟", ["王伟"]),
        ("By Keo Rathana, Staff Writer", ["Keo Rathana"]),
        ("By Keo Rathana, senior correspondent, and Sim Dara", ["Keo Rathana", "Sim Dara"]),
        ("By Keo Rathana (Phnom Penh)", ["Keo Rathana"]),
        ("By Keo Rathana in Geneva", ["Keo Rathana"]),
        ("Keo Rathana for AFP", ["Keo Rathana"]),
        ("Keo Rathana, Phnom Penh", ["Keo Rathana"]),
        ("Keo Rathana <keo@post.example> @keorathana", ["Keo Rathana"]),
        ("By Keo Rathana | 12 March 2026 | 14:30 ICT", ["Keo Rathana"]),
        ("Keo Rathana, Updated: 12 March 2026", ["Keo Rathana"]),
        ("By AFP", ["AFP"]),
        ("AKP Phnom Penh", ["AKP"]),
        ("Reported by Keo Rathana, edited by Sim Dara", ["Keo Rathana"]),
        ("Text: Keo Rathana / Photos: Sim Dara", ["Keo Rathana"]),
        ("Correspondent in Kratie: Keo Rathana", ["Keo Rathana"]),
        ("Interview by Keo Rathana on 1 May 2025", ["Keo Rathana"]),
        ("Agence France-Presse", ["Agence France-Presse"]),
        ("By Keo Rathana and Reuters", ["Keo Rathana", "Reuters"]),
        ("Ludwig van der Berg", ["Ludwig van der Berg"]),
        ("Byron Keo", ["Byron Keo"]),
        ("Andy Sandford", ["Andy Sandford"]),
        ("Parvati Keo", ["Parvati Keo"]),
        ("admin", []),
        ("Posted by Webmaster", []),
        ("Staff reporter", []),
        ("Agent 47", []),
        ("https://facebook.example/keo", []),
        ("the committee that met last week", []),
        ("View all posts", []),
        ("12 March 2026", []),
        ("", []),
        (" and ", []),
    ],
)
def test_a_byline_of_any_form_gives_its_names_and_nothing_else(byline: str, names: list[str]) -> None:
    assert list(names_of_byline(byline)) == names
