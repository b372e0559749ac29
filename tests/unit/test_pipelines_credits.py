"""Whom a caption credits, and whom it only shows."""

import pytest

from pipelines.credits import credits_in_lines, credits_of_caption


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("A farmer at her well. Photo: Keo Rathana", "Keo Rathana"),
        ("A farmer at her well. PHOTO: KEO RATHANA", "KEO RATHANA"),
        ("A farmer at her well. (Photo: Keo Rathana)", "Keo Rathana"),
        ("A farmer at her well (Photo by Keo Rathana/AFP)", "Keo Rathana/AFP"),
        ("Photo by Keo Rathana", "Keo Rathana"),
        ("Photograph: Keo Rathana/Reuters", "Keo Rathana/Reuters"),
        ("Image credit: Mekong Courier archive", "Mekong Courier archive"),
        ("Photo courtesy of the Sarus Trust", "Sarus Trust"),
        ("A farmer at her well. © AFP", "AFP"),
        ("A farmer at her well. ©UNICEF/UN0123/Rathana", "UNICEF/UN0123/Rathana"),
        ("Crédit photo : Keo Rathana", "Keo Rathana"),
        ("កសិករ។ រូបថត៖ កែវ សុភា", "កែវ សុភា"),
        ("កម្មករចេញពីរោងចក្រនៅពេលល្ងាច។ កែវ សុភា", "កែវ សុភា"),
        ("A farmer waits at her well on Monday. Hong Menea", "Hong Menea"),
        ("A farmer waits at her well in 2019. Hong Menea", "Hong Menea"),
        ("A farmer waits at her well. JUSTICE MINISTRY", "JUSTICE MINISTRY"),
        ("A farmer waits at her well. Facebook", "Facebook"),
        ("A farmer waits at her well. HONG MENEA/POST", "HONG MENEA/POST"),
        ("A farmer waits at her well [Keo Rathana/Al Jazeera]", "Keo Rathana/Al Jazeera"),
        ("A farmer waits at her well (AFP)", "AFP"),
        ("A farmer waits at her well — Keo Rathana/AFP", "Keo Rathana/AFP"),
        ("AFP", "AFP"),
        ("Keo Rathana/AFP", "Keo Rathana/AFP"),
    ],
)
def test_a_caption_names_whose_its_picture_is(caption: str, credit: str) -> None:
    assert credits_of_caption(caption) == (credit,)


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "A farmer waits at her well",
        "A farmer waits at her well.",
        "A farmer waits at her well in Kandal",
        "Keo Rathana",
        "Soldiers salute Gen. Hun Bora",
        "Students listen to Prof. Keo Rathana",
        "The minister receives H.E. Keo Rathana",
        "Villagers meet Mr. Keo Rathana",
        "A farmer waits. she has two cows",
        "A farmer waits at her well. Supplied",
        "A farmer waits at her well. FILE PHOTO",
        "A farmer (Keo Rathana) waits at her well",
        "A farmer and her daughter (Keo Rathana and Sim Dara)",
        "The photo shows Keo Rathana at her well",
        "© 2026 Mekong Times. All rights reserved",
        "A farmer waits at her well. She has owned it since her husband came home from the border",
        "A farmer waits at her well. Phnom Penh",
        "A farmer waits at her well in 2019. Cambodia",
        "A farmer waits at her well. The Owners Of The Well Are Away",
        "កម្មករចេញពីរោងចក្រ។ ពួកគេស្នើសុំដំឡើងប្រាក់ឈ្នួល",
        "កម្មករចេញពីរោងចក្រ។ ពួកគេស្នើសុំដំឡើងប្រាក់ឈ្នួល និងលក្ខខណ្ឌការងារ",
        "Men and/or women wait",
        "The 2023/24 budget",
    ],
)
def test_a_caption_without_a_credit_credits_nobody(caption: str) -> None:
    assert credits_of_caption(caption) == ()


def test_several_pictures_credit_everybody_once() -> None:
    lines = ["A well. Keo Rathana", "A cow. Photo: Sim Dara", "A well again. KEO RATHANA"]
    assert credits_in_lines(lines) == ("Keo Rathana", "Sim Dara")
