"""The compounds' names in the languages of feeds: with their endings, their accents, and where no space parts words."""

from __future__ import annotations

import pytest

from harvester.paper.records import Citation
from harvester.tagging import classify, is_on_topic, load_vocabulary
from harvester.tagging.english import split_words

KETAMINE = load_vocabulary("ketamine")
NAMES = {
    "ketamine": (
        "Kétamine et dépression : un échantillon inventé",
        "La prise en charge kétaminique",
        "Ketamin bei Depression: eine erfundene Stichprobe",
        "Ketamininfusionen im Alltag",
        "Ketaminbehandling av depression",
        "Effekten av ketaminets dos",
        "Ketamiinin teho masennuksessa",
        "Ketamina para la depresión: una muestra inventada",
        "Cetamina na depressão: uma amostra inventada",
        "Chetamina e depressione",
        "Zastosowanie ketaminy w depresji",
        "Léčba deprese ketaminem",
        "Ketaminas depresijai gydyti",
        "KETAMİN ve depresyon",
        "Ketaminin depresyona etkisi",
        "Điều trị bằng ketamin",
        "Кетамин при депрессии",
        "Применение кетамина и кетамином",
        "Застосування кетаміну",
        "Η χρήση της κεταμίνης",
        "הטיפול בקטמין בדיכאון",
        "استخدام الكيتامين في الاكتئاب",
        "العلاج بالكيتامين",
        "کتامین در درمان افسردگی",
        "केटामाइन और अवसाद",
        "การใช้เคตามีนในโรคซึมเศร้า",
        "氯胺酮治疗抑郁症的虚构样本",
        "低剂量氯胺酮静脉输注",
        "愷他命與憂鬱症",
        "うつ病に対するケタミンの効果",
        "우울증에서 케타민의 효과",
        "정맥케타민투여",
    ),
    "esketamine": (
        "L’eskétamine intranasale",
        "Esketamin-Nasenspray im Alltag",
        "S(+)-Ketamin bei Depression",
        "Esketamina en la práctica",
        "Escetamina intranasal",
        "Eszketamin orrspray",
        "Esketamiinin käyttö",
        "Применение эскетамина",
        "Застосування ескетаміну",
        "Χορήγηση εσκεταμίνης",
        "אסקטמין לדיכאון",
        "بخاخ الإسكيتامين",
        "艾司氯胺酮鼻喷雾剂的虚构样本",
        "S-氯胺酮治疗抑郁症",
        "エスケタミン点鼻液",
        "에스케타민 비강분무제",
    ),
    "arketamine": ("Arketamina en ratones", "Аркетамин у мышей", "アルケタミンの作用"),
    "norketamine": ("Norketamina y sueño", "去甲氯胺酮的作用"),
}


@pytest.mark.parametrize(("compound", "title"), [(name, title) for name, titles in NAMES.items() for title in titles])
def test_a_title_names_the_compound_in_its_own_language(compound: str, title: str) -> None:
    citation = Citation(title=title)
    assert is_on_topic(citation, KETAMINE)
    assert classify(citation, KETAMINE).compounds == (compound,)


@pytest.mark.parametrize(
    "title",
    [
        "Acetaminofén y sueño",
        "Paracetamol et acétaminophène",
        "安慰剂治疗抑郁症",
        "うつ病の標本",
        "우울증의 표본",
        "Депрессия: выборка",
        "Anestesia con ketamina y xilacina en ratas",
        "Xylazin-Ketamin-Narkose bei Ratten",
        "",
    ],
)
def test_other_titles_do_not(title: str) -> None:
    assert not is_on_topic(Citation(title=title or None), KETAMINE)


def test_words_are_whole_where_spaces_part_them_and_letters_where_none_do() -> None:
    assert [word for word, _, _ in split_words("ke\u0301tamine (S)-ケタ केटामाइन PHQ9 การ")] == [
        "ke\u0301tamine",
        "S",
        "ケ",
        "タ",
        "केटामाइन",
        "PHQ9",
        "ก",
        "า",
        "ร",
    ]
