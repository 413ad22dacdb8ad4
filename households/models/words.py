"""Words that forms and rosters share: shown as written, queried by code where there is one.

Each list is one to one between code and Chinese word, so nothing an office wrote is lost:
a word that has no code is stored as the word itself. A programme adds its own words as
list items (`SchemeItem`), not as code.
Sources: the five programme articles; 困难职工档案表; 贫困户登记表 and the monitoring forms of 2021.
"""

CATEGORIES = {
    "poor": "困难户",
    "low_income": "低收入户",
    "hardship_worker": "特困职工",
    "dibao": "低保户",
    "city_hardship": "市特困职工",
    "registered_poor": "建档立卡贫困户",
    "deep_hardship": "深度困难",
    "relative_hardship": "相对困难",
    "accident_hardship": "意外致困",
    "dibao_edge": "低保边缘户",
    "lifted": "脱贫户",
    "unstable_lifted": "脱贫不稳定户",
    "edge_prone": "边缘易致贫户",
    "sudden_hardship": "突发严重困难户",
    "ordinary_poor": "一般贫困户",
    "dibao_poor": "低保贫困户",
    "wubao": "五保户",
    "wubao_poor": "特困供养贫困户",
}

CAUSES = {
    "illness": "大病",
    "chronic": "慢性病",
    "disabled": "残疾",
    "accident": "意外",
    "debt": "经营不善负债",
    "no_capital": "缺资金",
    "no_skill": "技术单一",
    "age": "年龄偏大",
    "low_employability": "就业能力低",
    "laid_off": "下岗",
    "schooling": "子女就学",
    "housing": "住房",
    "by_illness": "因病",
    "by_disability": "因残",
    "by_schooling": "因学",
    "by_disaster": "因灾",
    "lack_land": "缺土地",
    "lack_water": "缺水",
    "lack_technique": "缺技术",
    "lack_labour": "缺劳动力",
    "poor_roads": "交通条件落后",
    "low_motivation": "自身发展动力不足",
    "unemployed": "下岗失业",
}

NEEDS = {
    "fund": "资金",
    "project": "项目",
    "technique": "技术",
    "post": "岗位",
    "policy": "政策",
    "information": "信息",
    "service": "服务",
    "confidence": "信心",
    "medical": "就医",
    "schooling": "就学",
    "housing": "住房",
}

HEAD = "户主"
# Relation to the head, with the sex it implies ("" where it implies none).
RELATIONS = {
    HEAD: "",
    "配偶": "",
    "之子": "男",
    "之女": "女",
    "之儿媳": "女",
    "之女婿": "男",
    "之孙子": "男",
    "之孙女": "女",
    "之外孙子": "男",
    "之外孙女": "女",
    "之父": "男",
    "之母": "女",
    "之岳父": "男",
    "之岳母": "女",
    "之公公": "男",
    "之婆婆": "女",
    "之祖父": "男",
    "之祖母": "女",
    "之外祖父": "男",
    "之外祖母": "女",
    "之兄弟姐妹": "",
    "其他": "",
}
HEALTH = ["健康", "长期慢性病", "患有大病", "残疾"]
LABOUR = ["普通劳动力", "技能劳动力", "弱劳动力或半劳动力", "丧失劳动力", "无劳动力"]
EDUCATION = ["学龄前儿童", "文盲或半文盲", "小学", "初中", "高中", "大专及以上"]
STUDY_STAGES = ["学前教育", "小学", "初中", "高中", "中职", "大中专", "大学", "研究生"]
# The ages at which a study stage is usual, both ends included (monitoring rules 5_17_001…007).
STUDY_AGES = {
    "小学": (6, 14),
    "初中": (12, 17),
    "高中": (15, 20),
    "中职": (15, 20),
    "大中专": (18, 99),
    "大学": (18, 99),
    "研究生": (20, 99),
}
WORK_STATUSES = [
    "在岗",
    "下岗",
    "待业",
    "退休",
    "病休",
    "内退",
    "学生",
    "务农",
    "外出务工",
    "自主创业",
]
ETHNICITIES = [
    "汉族",
    "满族",
    "蒙古族",
    "回族",
    "朝鲜族",
    "达斡尔族",
    "锡伯族",
    "鄂伦春族",
    "赫哲族",
    "壮族",
    "维吾尔族",
    "藏族",
    "苗族",
    "彝族",
    "土家族",
]


def code_of(words: dict[str, str], word: str) -> str:
    """The code of a word, or the word itself where the list does not know it."""
    return {label: code for code, label in words.items()}.get(word, word)


def word_of(words: dict[str, str], code: str) -> str:
    """The word of a code; a word stored as itself comes back as it was written."""
    return words.get(code, code)
