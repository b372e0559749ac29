"""Lines that are a page's whatever the markup, and sentences that begin with the same words."""

import pytest

from pipelines.phrases import LEAVINGS


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe",
        "Subscribe to our newsletter and never miss a story",
        "Subscribe now for a dollar",
        "Follow River Gazette on Telegram for the latest news.",
        "Your gift pays for a lawyer.",
        "If you liked this, clap and follow me.",
        "Like what you read? Buy us a coffee.",
        "For more information and media requests, please contact:",
        "Contact the newsroom at news@herald.example or 023-555-0117.",
        "2,310 answers so far",
        "Share this news",
        "Table: Labour Monitor, own count",
        "Chaque matin, recevez l’essentiel de l’actualité de votre province dans votre boîte aux lettres.",
        "សូមចូលរួមក្នុងឆានែល Telegram របស់ព្រៃឡង់ មេឌា ដើម្បីទទួលបានព័ត៌មានរហ័ស។",
        "Publié le : 14/09/2025 - 12:40 Modifié le : 14/09/2025 - 13:25",
        "{{ item.caption }}",
    ],
)
def test_a_line_of_the_page_is_known(line: str) -> None:
    assert LEAVINGS.fullmatch(line)


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe to such a view, he said, and half of the commune would have no title at all.",
        "Follow the road from the village for nine kilometres and the fences come into view.",
        "Like our parents, we were told to wait, and like them we did not.",
        "Like most people on Facebook, she had seen the pictures before the police did.",
        "Share prices did not move on Friday, although the company had announced new contracts.",
        "Read more carefully, the law gives the office no say in the matter.",
        "“Your gift is not wanted here,” the chief said.",
        "Photos of the houses were shown to the court on Monday, and she wept.",
        "Published in 2004, the study was read by nobody in the ministry.",
        "« Vous recevez ces lettres et vous n’y répondez pas », dit-elle.",
        "សូមអរគុណដល់អ្នកភូមិទាំងអស់ លោកនិយាយនៅមុខតុលាការ។",
    ],
)
def test_a_sentence_that_begins_with_such_words_is_none(line: str) -> None:
    assert not LEAVINGS.fullmatch(line)
