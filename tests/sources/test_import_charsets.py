"""Files that are not Unicode: in which character set they are; invented texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.sources.imports import parse_import, read_import, read_rows
from harvester.sources.imports.charset import guess_encoding
from harvester.sources.imports.harvest import ImportedFile

TEXTS = {
    "cp1251": ("Кетамин при депрессии: выборка", "Иванов, Пётр", "Изучали действие препарата у взрослых."),
    "koi8_r": ("Кетамин при депрессии: выборка", "Иванов, Пётр", "Изучали действие препарата у взрослых."),
    "gb18030": ("氯胺酮治疗抑郁症的研究", "王, 小明", "本研究观察氯胺酮的疗效。"),
    "big5": ("氯胺酮治療憂鬱症的研究", "王, 小明", "本研究觀察氯胺酮的療效。"),
    "cp932": ("うつ病に対するケタミンの効果", "山田, 太郎", "本研究では効果を調べた。"),
    "cp949": ("우울증에 대한 케타민의 효과", "김, 철수", "이 연구는 효과를 조사하였다."),
}
ENGLISH = "A sample of words, in which nothing but names is other than English. " * 40


def write(title: str, author: str, abstract: str, form: str) -> str:
    if form == "ris":
        return f"TY  - JOUR\nTI  - {title}\nAU  - {author}\nAB  - {abstract}\nPY  - 2020\nER  - \n"
    return f'Title,Authors,Abstract,Year\n"{title}","{author}","{abstract}",2020\n'


@pytest.mark.parametrize("form", ["ris", "csv"])
@pytest.mark.parametrize("encoding", TEXTS)
def test_a_file_that_is_not_latin_is_read_and_told(encoding: str, form: str, tmp_path: Path) -> None:
    title, author, abstract = TEXTS[encoding]
    content = write(title, author, abstract, form).encode(encoding)
    found = read_import(content, filename="x")
    assert (found.items, found.encoding) == (
        parse_import(write(title, author, abstract, form).encode(), filename="x"),
        encoding,
    )
    assert read_rows(content, filename="x").rows[0]["title" if form == "ris" else "Title"] == title
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    file = ImportedFile(path)
    file.read()
    assert any(f"read as {encoding}" in remark for remark in file.remarks)


@pytest.mark.parametrize(("encoding", "author"), [("cp1251", "Иванов, Пётр"), ("gb18030", "王, 小明")])
def test_names_alone_tell_the_character_set(encoding: str, author: str) -> None:
    (item,) = parse_import(write("A sample", author, ENGLISH, "ris").encode(encoding), filename="x")
    assert item == parse_import(write("A sample", author, ENGLISH, "ris").encode(), filename="x")[0]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
@pytest.mark.parametrize(
    "text",
    [
        "Müller, Jürgen; Ångström, Östen: Über die Größe",
        "Élodie né à Évry; déjà çà et là",
        "“Ketamine” 5 µg – 10 °C ± 2; £5 ½ day — it’s",
        "A sample",
        "Å Ö Ä; José Núñez ¿Qué?",
    ],
)
def test_western_text_stays_western(encoding: str, text: str) -> None:
    assert guess_encoding(text.encode(encoding, "ignore")) is None


def test_a_damaged_byte_does_not_make_other_letters_of_utf_8() -> None:
    title, author, abstract = TEXTS["cp1251"]
    content = write(title, author, abstract, "ris").encode() + b"KW  - caf\xe9\n"
    found = read_import(content, filename="x")
    assert found.encoding is None
    assert found.items[0].title == title
