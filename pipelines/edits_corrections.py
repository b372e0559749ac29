"""Correction notes: how publishers say that they changed an article, in English, French and Khmer. Pure."""

import re

from core.text import normalised

_ARTICLE = r"(?:article|story|report|piece|post|statement|release|text|item|page|version|headline)"
_MENDED = r"(?:corrected|amended|updated|edited|revised|clarified|changed|modified)"
_WRONGLY = r"(?:incorrectly|wrongly|mistakenly|erroneously|misstated|misspelled|misspelt|misidentified|inaccurately)"
_LABEL = r"corrections?|clarifications?|errat(?:um|a)|corrigend(?:um|a)|editor'?s'? note|amendment|update[ds]?"
_FRENCH_LABEL = r"rectificatifs?|précisions?|mise à jour"
_MONTHS = (
    r"january|february|march|april|may|june|july|august|september|october|november|december"
    r"|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
)
# What may stand between such a label and its colon: "Correction added on 4 May:".
_OF = (
    r"(?:[ ,(]+(?:and|note|notice|appended|added|to|on|of|this|the|article|story|report|clarifications?|corrections?"
    rf"|et|du|le|\d[\d:.]*(?:st|nd|rd|th|er)?|{_MONTHS})\)?)*\s?[:\-.]"
)
_THIS_FRENCH = r"(?:cet article|ce texte|cette dépêche|ce communiqué)"
_MENDED_FRENCH = r"(?:corrigée?|modifiée?|mise? à jour|amendée?|rectifiée?)"
_KHMER_LABEL = r"កំណែ(?:តម្រូវ|កំហុស)?|ការកែតម្រូវ|កែតម្រូវ|ការកែ(?:ប្រែ|សម្រួល|លម្អ)|ការបំភ្លឺ|សេចក្តីកែតម្រូវ"
_NOTE = re.compile(
    "|".join(
        (
            rf"^\W*(?:{_LABEL}|{_FRENCH_LABEL})\b{_OF}",
            r"\b(?:an|the) (?:earlier|previous|original|initial) versions? of (?:this|the)\b",
            rf"\b(?:this|the) {_ARTICLE}s?(?:'s? headline)? (?:has been|have been|was|were) (?:since )?{_MENDED}\b",
            rf"\b(?:this|the|an?) {_ARTICLE} (?:originally |previously |first )?{_WRONGLY}\b",
            r"\bwe (?:regret|apologi[sz]e for) the (?:error|mistake)",
            rf"\bune (?:première |précédente )?version (?:précédente |antérieure |initiale )?de {_THIS_FRENCH}\b",
            rf"\b(?:{_THIS_FRENCH}|le titre) (?:a été|est) {_MENDED_FRENCH}\b",
            rf"^\W*(?:{_KHMER_LABEL})\s*[:៖\-–]",
            r"អត្ថបទនេះ(?:ត្រូវបាន|បាន)?(?:ធ្វើបច្ចុប្បន្នភាព|កែតម្រូវ|កែប្រែ|កែសម្រួល)",
            r"(?:កំណែ|អត្ថបទ|ច្បាប់)(?:មុន|ដំបូង|ដើម|ពីមុន)(?:នៃ|របស់)?អត្ថបទ",
        )
    )
)


def is_correction_note(text: str) -> bool:
    """Return whether a paragraph, or a part of one, says that the article was corrected, amended or updated."""
    return _NOTE.search(normalised(text)) is not None
