"""Names by their sound, so that `zs` and `zhangsan` find 张三.

Readings come from pypinyin; for family names the readings of 《现代汉语词典》 (7th ed., entries
marked 姓) and of GB/T 28039-2011 go first, because 单 is Shàn in front of a name and dān anywhere else.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

__all__ = ["full", "initials", "search_key", "syllables", "syllables_of_text"]

#: Single-character family names that pypinyin reads as the everyday word.
FAMILY_NAMES = {
    "单": "shan", "解": "xie", "曾": "zeng", "仇": "qiu", "查": "zha", "区": "ou", "朴": "piao",
    "盖": "ge", "乐": "yue", "翟": "zhai", "种": "chong", "隗": "wei", "郇": "xun", "覃": "qin",
    "缪": "miao", "折": "she", "员": "yun", "洗": "xian", "繁": "po", "祭": "zhai", "能": "nai",
    "秘": "bi", "召": "shao", "薄": "bo", "都": "du", "重": "chong", "句": "gou", "佴": "nai",
    "阚": "kan", "乜": "nie", "贠": "yun",
}  # fmt: skip

#: Two-character family names, so that the first character is not taken for a family name alone.
DOUBLE_FAMILY_NAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "亓官": ("qi", "guan"), "乐正": ("yue", "zheng"),
    "宰父": ("zai", "fu"), "子车": ("zi", "ju"), "鲜于": ("xian", "yu"), "皇甫": ("huang", "fu"),
    "夏侯": ("xia", "hou"), "拓跋": ("tuo", "ba"), "贺兰": ("he", "lan"), "呼延": ("hu", "yan"),
}  # fmt: skip

#: Characters that a given name uses in another sense than the one pypinyin puts first: 长 is
#: long (cháng), not to grow (zhǎng). Readings by meaning, 《现代汉语词典》; 茜, 莘, 隽, of which their
#: bearers use both, stay as they are.
GIVEN_NAMES = {
    "晟": "sheng", "卜": "bu", "长": "chang", "曾": "zeng", "珩": "heng", "琢": "zhuo", "似": "si",
    "泊": "bo", "薄": "bo", "还": "huan", "率": "shuai", "都": "du", "靓": "liang", "了": "liao",
}  # fmt: skip

#: Given names of two characters that are no word, or another word: 朝辉 is the light of the morning.
GIVEN_NAMES_OF_TWO = {
    "朝辉": ("zhao", "hui"), "朝旭": ("zhao", "xu"), "朝曦": ("zhao", "xi"), "朝晨": ("zhao", "chen"),
    "重华": ("chong", "hua"), "长成": ("chang", "cheng"), "长进": ("chang", "jin"),
}  # fmt: skip

# Middle dots of transcribed names (买买提·艾力) in the five forms that rosters have, and spaces.
GAPS = re.compile(r"[\s·•・．‧∙\u3000]+")


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


@lru_cache(maxsize=32_768)
def _one(character: str) -> str:
    """Reading of one character; the character itself if nobody knows it."""
    return GIVEN_NAMES.get(character) or lazy_pinyin(character)[0]


@lru_cache(maxsize=65_536)
def _phrase(text: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(text, errors="default"))


def _han_syllables(text: str) -> tuple[str, ...]:
    # lazy_pinyin costs 30 µs a name; most given names are no dictionary phrase, and for
    # those, character by character gives the same answer at a tenth of the cost.
    if len(text) == 2 and text not in PHRASES_DICT:
        return (_one(text[0]), _one(text[1]))
    if len(text) == 1:
        return (_one(text),)
    return _phrase(text)


def _runs(text: str) -> list[str]:
    """Split at gaps and where Chinese characters meet other letters."""
    runs: list[str] = []
    for word in GAPS.split(text):
        start = 0
        for i in range(1, len(word) + 1):
            if i == len(word) or _is_han(word[i]) != _is_han(word[start]):
                runs.append(word[start:i])
                start = i
    return runs


def syllables_of_text(text: str) -> tuple[str, ...]:
    """Syllables of any text (a unit, a village), without regard to family names."""
    found: list[str] = []
    for run in _runs(unicodedata.normalize("NFKC", text)):
        found.extend(_han_syllables(run) if _is_han(run[0]) else [search_key(run)])
    return tuple(filter(None, found))


@lru_cache(maxsize=65_536)
def syllables(name: str) -> tuple[str, ...]:
    """Syllables of a person's name; other letters stay as one lower-case word.

    A character without known reading stands for itself, so that it can still be searched.
    """
    normal = unicodedata.normalize("NFKC", name).strip()
    runs = _runs(normal)
    # A name written in several parts is a transcription and has no family name in front;
    # a single space is only how rosters align two-character names (王 强).
    if not runs or not all(_is_han(run[0]) for run in runs) or re.search("[·•・．‧∙]", normal):
        return syllables_of_text(normal)
    joined = "".join(runs)
    if len(joined) > 2 and joined[:2] in DOUBLE_FAMILY_NAMES:
        return DOUBLE_FAMILY_NAMES[joined[:2]] + _han_syllables(joined[2:])
    family, given = FAMILY_NAMES.get(joined[0]) or _one(joined[0]), joined[1:]
    if not given:
        return (family,)
    return (family, *(GIVEN_NAMES_OF_TWO.get(given) or _han_syllables(given)))


def full(name: str) -> str:
    """`张三` → `zhang san`; ü is v, as one types it: `吕布` → `lv bu`."""
    return " ".join(syllables(name))


def initials(name: str) -> str:
    """`张三` → `zs`: the first letter of every syllable."""
    return "".join(syllable[0] for syllable in syllables(name))


def search_key(text: str) -> str:
    """What a clerk typed, or `full()`, made comparable: lower case, no gaps, no tones, ü as v.

    `Zhāng Sān`, `zhang san` and `ZHANGSAN` become `zhangsan`; Chinese characters stay.
    """
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    with_v = decomposed.replace("u\u0308", "v")
    plain = "".join(c for c in with_v if not unicodedata.combining(c))
    return re.sub(r"['’‘\-]", "", GAPS.sub("", unicodedata.normalize("NFC", plain)))
