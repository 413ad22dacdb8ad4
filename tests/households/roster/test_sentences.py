"""Every code that a receipt can carry has a sentence, and every sentence is Chinese."""

import re

import pytest
from django.utils import translation

from households.roster import sentences
from households.roster.core.fields import FIELDS
from tests.households.roster.sheets import ROSTERS

SOURCES = (ROSTERS.parents[1] / "households" / "roster" / "core").glob("*.py")
TEXT = "\n".join(path.read_text() for path in SOURCES)


def test_every_code_of_the_readme_has_a_sentence():
    told = (ROSTERS / "README.md").read_text().split("## Codes")[1]
    codes = set(re.findall(r"`([a-z_0-9]+)`", told))

    assert codes == set(sentences.SENTENCES)


def test_every_code_with_a_sentence_can_happen():
    stored = (ROSTERS.parents[1] / "households" / "roster" / "stored.py").read_text()
    helpers = (ROSTERS.parents[1] / "pairings" / "roster.py").read_text()

    unheard = [code for code in sentences.SENTENCES if f'"{code}"' not in TEXT + stored]
    assert [code for code in unheard if f'= "{code}"' not in helpers] == []


def test_every_field_has_a_word():
    assert set(FIELDS) | {"id_kind", "former_id_number", "per_capita_period"} == set(
        sentences.FIELD_WORDS
    )


@pytest.mark.parametrize(
    "told",
    [*sentences.SENTENCES.values(), *sentences.UNREADABLE.values(), sentences.NOT_A_ROSTER],
    ids=str,
)
def test_a_sentence_says_what_to_do_in_chinese(told):
    with translation.override("zh-hans"):
        sentence = str(told)

    assert sentence.endswith("。")
    assert "！" not in sentence
    assert not re.search(r"[a-zA-Z]{3,}", re.sub(r"\.(xlsx|xls|ods|csv)", "", sentence))
