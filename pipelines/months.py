"""The names of months in the languages of the pages that are read, for lines that no layout explains.

Names are folded as core.text.folded does it: without accents, in lower case, each character at its place.
"""

import re

from core.text import folded

_NAMES = (
    "january jan janvier janv enero ene janeiro januar januari gennaio jän января январь янв يناير|كانون الثاني|មករា",
    (
        "february feb février févr fév febrero fevereiro fev februar februari febbraio "
        "февраля февраль фев فبراير|شباط|កុម្ភៈ|កុម្ភះ"
    ),
    "march mar mars marzo março märz maret марта март мар مارس|آذار|មីនា|មិនា",
    "april apr avril avr abril abr aprile апреля апрель апр أبريل ابريل|نيسان|មេសា",
    "may mai mayo maio mei maggio мая май مايو|أيار|ឧសភា",
    "june jun juin junio junho juni giugno июня июнь июн يونيو يونيه|حزيران|មិថុនា",
    "july jul juillet juil julio julho juli luglio июля июль июл يوليو يوليه|تموز|កក្កដា",
    "august aug août agosto agustus ago августа август авг أغسطس اغسطس|آب|សីហា",
    "september sept sep septembre septiembre setiembre setembro set settembre сентября сентябрь сен سبتمبر|أيلول|កញ្ញា",
    "october oct octobre octubre outubro out oktober okt ottobre октября октябрь окт أكتوبر اكتوبر|تشرين الأول|តុលា",
    "november nov novembre noviembre novembro ноября ноябрь ноя نوفمبر|تشرين الثاني|វិច្ឆិកា|វិច្ឆិការ",
    (
        "december dec décembre déc diciembre dic dezembro dez dezember desember dicembre "
        "декабря декабрь дек ديسمبر|كانون الأول|ធ្នូ"
    ),
)


def _numbered() -> dict[str, int]:
    # A bar parts names of several words, a space those of one.
    found: dict[str, int] = {}
    for number, names in enumerate(_NAMES, 1):
        first, *others = names.split("|")
        found |= dict.fromkeys((folded(name) for name in [*first.split(), *others]), number)
    return found  # looked up: one pattern of all names takes ten times as long


NUMBER_OF_MONTH = _numbered()
"""Which month a folded name is, from 1."""

_KHMER = re.compile("[\u1780-\u17ff]")
_OF_SEVERAL_WORDS = "|".join(re.escape(name) for name in NUMBER_OF_MONTH if " " in name)
_UNSPACED = "|".join(re.escape(name) for name in NUMBER_OF_MONTH if _KHMER.search(name))
MONTH = rf"(?:{_OF_SEVERAL_WORDS}|{_UNSPACED}|(?<![^\W\d_])[^\W\d_]{{2,12}}(?![^\W\d_]))"
"""A pattern of what may be a name: whether it is one, NUMBER_OF_MONTH says. In Khmer the next word follows at once."""

WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|lunes|martes|miercoles|jueves|viernes|sabado|domingo"
    r"|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    r"|senin|selasa|rabu|kamis|jumat|sabtu|minggu"
    r"|(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)"
    r"|(?:segunda|terca|quarta|quinta|sexta)(?:-feira)?"
    r"|(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|lun|mer|jeu|ven|sam|dim)(?![^\W\d_])\.?)"
    r"(?![^\W\d_])"
    r"|(?:الاثنين|الإثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد)"
    r"|(?:星期|周|礼拜)[一二三四五六日天]"
    r"|ថ្ងៃ\s*(?:ចន្ទ|អង្គារ|ពុធ|ព្រហស្បតិ៍|សុក្រ|សៅរ៍|អាទិត្យ)"
)
"""A pattern of the days of the week."""
