//! Names by frequency. Every name is put together by chance; whoever bears one is not meant.

use super::dice::Dice;

/// Surnames and how frequent they are, per 10,000 persons or so. Those at the end are rare but on purpose: they are read
/// unusually or have two characters.
#[rustfmt::skip]
const SURNAMES: &[(&str, u32)] = &[
    ("王", 720), ("李", 700), ("张", 660), ("刘", 520), ("陈", 430), ("杨", 308), ("赵", 240), ("黄", 223), ("周", 212),
    ("吴", 205), ("徐", 190), ("孙", 180), ("胡", 140), ("朱", 136), ("高", 131), ("林", 118), ("何", 117), ("郭", 125),
    ("马", 125), ("罗", 95), ("梁", 84), ("宋", 91), ("郑", 78), ("谢", 72), ("韩", 78), ("唐", 65), ("冯", 64),
    ("于", 92), ("董", 71), ("萧", 59), ("程", 57), ("曹", 67), ("袁", 54), ("邓", 54), ("许", 54), ("傅", 51),
    ("沈", 50), ("曾", 50), ("彭", 49), ("吕", 57), ("苏", 46), ("卢", 46), ("蒋", 46), ("蔡", 46), ("贾", 52),
    ("丁", 51), ("魏", 50), ("薛", 40), ("叶", 40), ("阎", 38), ("余", 36), ("潘", 35), ("杜", 44), ("戴", 34),
    ("夏", 33), ("钟", 33), ("汪", 32), ("田", 41), ("任", 40), ("姜", 40), ("范", 30), ("方", 29), ("石", 38),
    ("姚", 28), ("谭", 28), ("廖", 27), ("邹", 27), ("熊", 26), ("金", 25), ("陆", 25), ("郝", 34), ("孔", 33),
    ("白", 23), ("崔", 43), ("康", 22), ("毛", 21), ("邱", 21), ("秦", 21), ("江", 20), ("史", 20), ("顾", 19),
    ("侯", 28), ("邵", 18), ("孟", 28), ("龙", 17), ("万", 17), ("段", 17), ("钱", 16), ("汤", 16), ("尹", 15),
    ("黎", 15), ("易", 14), ("常", 14), ("武", 14), ("乔", 13), ("贺", 13), ("赖", 13), ("龚", 12), ("文", 12),
    ("单", 16), ("仇", 5), ("解", 8), ("查", 4), ("区", 2), ("盖", 6), ("缪", 3), ("朴", 3), ("翟", 14),
    ("欧阳", 8), ("司马", 2), ("上官", 2), ("诸葛", 2), ("尉迟", 2), ("万俟", 1), ("夏侯", 1), ("皇甫", 1), ("慕容", 1),
    ("令狐", 1),
];

/// Names that many bear: candidates that only the birth date tells apart.
const COMMON_WOMEN: [&str; 8] = ["王芳", "李娜", "王秀英", "张敏", "李静", "刘芳", "王丽", "张秀兰"];
const COMMON_MEN: [&str; 8] = ["李伟", "王伟", "张伟", "王强", "刘洋", "李强", "张勇", "王军"];

/// How many of a thousand bear one of them by intention; others by chance.
const COMMON_PER_MILLE: u64 = 12;

/// The characters of given names in one generation: those that also stand alone, and pairs of first and second.
struct Given {
    alone: &'static [&'static str],
    first: &'static [&'static str],
    second: &'static [&'static str],
    /// How many of a thousand have one character only.
    alone_per_mille: u64,
}

/// Born before 1965.
const OLD_MEN: Given = Given {
    alone: &["军", "义", "德", "福", "山", "明", "林", "海", "江", "平", "忠", "刚"],
    first: &[
        "建", "国", "德", "永", "文", "志", "春", "玉", "金", "长", "洪", "宝", "广", "庆", "树", "家", "光",
        "福",
    ],
    second: &[
        "国", "华", "明", "林", "山", "生", "福", "祥", "义", "才", "海", "田", "贵", "民", "臣", "亭", "忠",
        "良", "江", "泉",
    ],
    alone_per_mille: 120,
};
const OLD_WOMEN: Given = Given {
    alone: &["英", "兰", "芳", "珍", "玲", "梅", "云", "霞", "荣", "芬"],
    first: &["秀", "桂", "玉", "淑", "凤", "春", "金", "兰", "翠", "素", "爱", "月", "美", "瑞", "红", "志"],
    second: &[
        "英", "兰", "珍", "芳", "芝", "荣", "云", "香", "花", "梅", "华", "琴", "莲", "霞", "娥", "芬", "贞",
        "玲",
    ],
    alone_per_mille: 100,
};
/// Born from 1965 to 1994.
const MIDDLE_MEN: Given = Given {
    alone: &[
        "伟", "强", "军", "勇", "涛", "磊", "超", "鹏", "杰", "斌", "波", "辉", "刚", "健", "峰", "凯", "亮",
        "飞",
    ],
    first: &[
        "志", "建", "海", "晓", "文", "永", "国", "新", "立", "俊", "卫", "洪", "振", "云", "少", "学", "成",
        "世",
    ],
    second: &[
        "强", "军", "伟", "峰", "涛", "勇", "明", "刚", "辉", "杰", "波", "鹏", "东", "平", "斌", "华", "生",
        "光", "龙", "飞", "林", "超",
    ],
    alone_per_mille: 430,
};
const MIDDLE_WOMEN: Given = Given {
    alone: &[
        "芳", "敏", "静", "丽", "艳", "娟", "霞", "红", "燕", "玲", "娜", "梅", "莉", "慧", "萍", "颖", "雪",
        "洁",
    ],
    first: &[
        "晓", "海", "丽", "春", "红", "雪", "小", "玉", "文", "爱", "秀", "金", "艳", "美", "新", "立", "慧",
        "冬",
    ],
    second: &[
        "红", "燕", "霞", "梅", "丽", "玲", "艳", "华", "萍", "敏", "娟", "芳", "琴", "静", "娜", "莉", "云",
        "英", "颖", "慧", "洁", "波",
    ],
    alone_per_mille: 380,
};
/// Born from 1995.
const YOUNG_BOYS: Given = Given {
    alone: &["浩", "宇", "轩", "睿", "博", "晨", "阳", "昊", "鑫", "哲", "辰", "泽"],
    first: &[
        "子", "浩", "宇", "俊", "梓", "嘉", "一", "泽", "博", "天", "明", "思", "佳", "奕", "家", "皓", "文",
        "景",
    ],
    second: &[
        "轩", "宇", "涵", "然", "泽", "豪", "杰", "阳", "博", "昊", "辰", "宸", "睿", "哲", "远", "航", "凡",
        "霖", "诚", "铭", "旭", "洋",
    ],
    alone_per_mille: 150,
};
const YOUNG_GIRLS: Given = Given {
    alone: &["欣", "悦", "瑶", "琪", "萱", "雯", "婷", "怡", "晴", "璐", "蕊", "妍"],
    first: &[
        "子", "雨", "欣", "梓", "思", "佳", "诗", "语", "可", "梦", "一", "若", "嘉", "紫", "艺", "安", "依",
        "沐",
    ],
    second: &[
        "涵", "萱", "怡", "彤", "悦", "妍", "琪", "瑶", "欣", "雯", "晴", "菲", "诺", "婷", "宁", "然", "桐",
        "汐", "琳", "倩", "媛", "月",
    ],
    alone_per_mille: 100,
};

/// A surname.
pub(super) fn surname(dice: &mut Dice) -> &'static str {
    dice.weighted(SURNAMES)
}

/// A full name of somebody born in this year. `surname` is what the family bears.
pub(super) fn name(dice: &mut Dice, surname: &str, male: bool, born: i64) -> String {
    if born < 1995 && dice.per_mille(COMMON_PER_MILLE) {
        return (*dice.pick(if male { &COMMON_MEN } else { &COMMON_WOMEN })).to_owned();
    }
    let given = match (born, male) {
        (..1965, true) => &OLD_MEN,
        (..1965, false) => &OLD_WOMEN,
        (..1995, true) => &MIDDLE_MEN,
        (..1995, false) => &MIDDLE_WOMEN,
        (_, true) => &YOUNG_BOYS,
        (_, false) => &YOUNG_GIRLS,
    };
    if dice.per_mille(given.alone_per_mille) {
        return format!("{surname}{}", dice.pick(given.alone));
    }
    format!("{surname}{}{}", dice.pick(given.first), dice.pick(given.second))
}
