"""A table that is not UTF-8 is taken for the encoding in which its letters make words."""

from pathlib import Path

import pytest
from scoretable.archive.archive import open_archive
from scoretable.discovery.contents import Contents
from scoretable.discovery.encodings import guess_encoding
from unit.archives import make_zip

WORDS = {
    "cp949": "파일,질병\n1.jpg,도열병\n",
    "cp932": "id,label\n1.jpg,さくら\n",
    "gb18030": "图片,名称\n1.jpg,苹果\n",
    "big5": "圖片,名稱\n1.jpg,蘋果\n",
    "cp1251": "фото,имя\n1.jpg,Собака\n",
    "cp1252": "photo,espèce\n1.jpg,Érable à sucre\n",
}


@pytest.mark.parametrize("encoding", WORDS)
def test_a_text_is_in_the_encoding_of_its_language(encoding: str) -> None:
    guess = guess_encoding(WORDS[encoding].encode(encoding))
    assert guess is not None and guess[0] == encoding


def test_the_reason_shows_the_first_word_and_what_else_it_could_be() -> None:
    guess = guess_encoding("id,label\n1,고양이\n".encode("cp949"))
    assert guess is not None
    assert "the first word beyond ASCII reads 고양이, and would be 绊剧捞 in gb18030 or" in guess[1]


def test_bytes_that_no_encoding_has_are_no_text() -> None:
    assert guess_encoding(b"id,label\n1,\x98\xff\x81\n") is None


def test_tables_in_utf8_keep_their_letters_beside_those_of_another_encoding(tmp_path: Path) -> None:
    tables = {"train.csv": WORDS["cp949"].encode("cp949"), "test.csv": "파일\n차\n".encode("utf-8-sig")}
    with open_archive(make_zip(tmp_path / "a.zip", tables), tmp_path) as archive:
        contents = Contents(archive)
        assert contents.table("train.csv")["질병"].tolist() == ["도열병"]
        assert contents.encoding is not None and contents.encoding[0] == "cp949"
        assert contents.table("test.csv")["파일"].tolist() == ["차"]
