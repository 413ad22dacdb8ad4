import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from povertyaid.lib.pinyin import (
    DOUBLE_FAMILY_NAMES,
    FAMILY_NAMES,
    full,
    initials,
    search_key,
    syllables_of_text,
)


@pytest.mark.parametrize(
    ("name", "sound", "letters"),
    [
        ("张三", "zhang san", "zs"),
        ("单雄信", "shan xiong xin", "sxx"),
        ("解小东", "xie xiao dong", "xxd"),
        ("曾志伟", "zeng zhi wei", "zzw"),
        ("仇英", "qiu ying", "qy"),
        ("查良镛", "zha liang yong", "zly"),
        ("区海伦", "ou hai lun", "ohl"),
        ("朴树", "piao shu", "ps"),
        ("欧阳修", "ou yang xiu", "oyx"),
        ("尉迟恭", "yu chi gong", "ycg"),
        ("长孙无忌", "zhang sun wu ji", "zswj"),
        ("单于", "shan yu", "sy"),
        ("李晟", "li sheng", "ls"),
        ("孙长春", "sun chang chun", "scc"),
        ("骆长和", "luo chang he", "lch"),
        ("李永长", "li yong chang", "lyc"),
        ("刘长成", "liu chang cheng", "lcc"),
        ("曾念曾", "zeng nian zeng", "znz"),
        ("王朝阳", "wang zhao yang", "wzy"),
        ("王朝辉", "wang zhao hui", "wzh"),
        ("王朝东", "wang chao dong", "wcd"),
        ("赵重阳", "zhao chong yang", "zcy"),
        ("李重华", "li chong hua", "lch"),
        ("陈自重", "chen zi zhong", "czz"),
        ("乐知行", "yue zhi xing", "yzx"),
        ("李乐", "li le", "ll"),
        ("周珩", "zhou heng", "zh"),
        ("都率", "du shuai", "ds"),
        ("王了一", "wang liao yi", "wly"),
        ("尹单", "yin dan", "yd"),
        ("盖解区", "ge jie qu", "gjq"),
        ("吕布", "lv bu", "lb"),
        ("王 强", "wang qiang", "wq"),
        ("王　强", "wang qiang", "wq"),
        ("买买提·艾力", "mai mai ti ai li", "mmtal"),
        ("单·艾力", "dan ai li", "dal"),
        ("John Smith", "john smith", "js"),
        ("张A三", "zhang a san", "zas"),
        ("", "", ""),
    ],
)
def test_a_name_has_the_sound_its_bearer_uses(name, sound, letters):
    assert full(name) == sound
    assert initials(name) == letters


def test_a_title_is_read_as_a_word():
    assert syllables_of_text("队长") == ("dui", "zhang")


@pytest.mark.parametrize(
    ("name", "sound"), [("王㛃", "wang jie"), ("李䶮", "li yan"), ("赵𬭎", "zhao hong")]
)
def test_rare_characters_of_names_are_read(name, sound):
    assert full(name) == sound


def test_a_character_nobody_can_read_stands_for_itself():
    assert full("𠮷野") == "𠮷 ye"
    assert initials("𠮷野") == "𠮷y"


def test_outside_a_name_no_character_is_a_family_name():
    assert syllables_of_text("解放乡") == ("jie", "fang", "xiang")
    assert syllables_of_text("红旗农场 3队") == ("hong", "qi", "nong", "chang", "3", "dui")


@pytest.mark.parametrize("family_name", FAMILY_NAMES)
def test_the_table_holds_only_what_the_dictionary_gets_wrong(family_name):
    assert lazy_pinyin(family_name) != [FAMILY_NAMES[family_name]]


@pytest.mark.parametrize("family_name", DOUBLE_FAMILY_NAMES)
def test_a_double_family_name_is_read_whole(family_name):
    assert full(family_name + "明") == " ".join([*DOUBLE_FAMILY_NAMES[family_name], "ming"])


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Zhang San", "zhangsan"),
        ("ZHANGSAN", "zhangsan"),
        ("zhāng sān", "zhangsan"),
        ("zhang'san", "zhangsan"),
        ("ＺＳ", "zs"),
        ("lü bu", "lvbu"),
        ("lǚ", "lv"),
        (" 张 三 ", "张三"),
        ("买买提·艾力", "买买提艾力"),
    ],
)
def test_what_is_typed_is_made_comparable(typed, key):
    assert search_key(typed) == key


@given(st.text(max_size=30))
def test_no_name_is_too_strange(name):
    assert initials(name) == "".join(word[0] for word in full(name).split(" ") if word)
    assert search_key(search_key(name)) == search_key(name)
