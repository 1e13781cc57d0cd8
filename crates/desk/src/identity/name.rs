//! Names as registrars write them: the same one looks different, and different ones sound the same.

use crate::surname;
use pinyin::{ToPinyin, ToPinyinMulti};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// How alike two names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Written the same, but for width, blanks, dots and variants of characters.
    Same,
    /// Written otherwise, read the same.
    Sound,
    /// Two names.
    Other,
}

/// Names of those of whom no name is known.
const ANONYMOUS: [&str; 9] =
    ["无名氏", "无名", "未登记", "未知", "不详", "匿名", "无名男", "无名女", "unknown"];
/// What follows the mother's name, and 之, for a child that has no name yet.
const CHILDREN: [&str; 16] = [
    "子", "女", "婴", "儿", "长子", "长女", "次子", "次女", "大子", "小子", "大女", "小女", "大", "小",
    "双大", "双小",
];
/// Characters of names that are also written otherwise: the usual form last.
const VARIANTS: [(&str, char); 48] = [
    ("張", '张'),
    ("陳", '陈'),
    ("劉", '刘'),
    ("黃", '黄'),
    ("趙", '赵'),
    ("楊", '杨'),
    ("吳", '吴'),
    ("孫", '孙'),
    ("馬", '马'),
    ("羅", '罗'),
    ("鄭", '郑'),
    ("謝", '谢'),
    ("馮", '冯'),
    ("許", '许'),
    ("鄧", '邓'),
    ("葉", '叶'),
    ("閻閆", '阎'),
    ("鍾鐘锺", '钟'),
    ("蔣", '蒋'),
    ("蕭肖", '萧'),
    ("賈", '贾'),
    ("韓", '韩'),
    ("龍", '龙'),
    ("萬", '万'),
    ("賀", '贺'),
    ("賴", '赖'),
    ("龔", '龚'),
    ("嚴", '严'),
    ("華", '华'),
    ("國", '国'),
    ("偉", '伟'),
    ("麗", '丽'),
    ("蘭", '兰'),
    ("鳳", '凤'),
    ("軍", '军'),
    ("強强", '强'),
    ("傑", '杰'),
    ("寶", '宝'),
    ("愛", '爱'),
    ("貴", '贵'),
    ("榮", '荣'),
    ("學", '学'),
    ("書", '书'),
    ("雲", '云'),
    ("東", '东'),
    ("興", '兴'),
    ("於", '于'),
    ("喆", '哲'),
];

/// Whether two names are one.
#[must_use]
pub fn likeness(a: &str, b: &str) -> Likeness {
    let (a, b) = (written(a), written(b));
    if a.is_empty() || b.is_empty() {
        return Likeness::Other;
    }
    if a == b {
        return Likeness::Same;
    }
    if sounds(&a) == sounds(&b) || sound_alike(&a, &b) { Likeness::Sound } else { Likeness::Other }
}

/// A name of nobody in particular.
#[must_use]
pub fn is_anonymous(name: &str) -> bool {
    let name = written(name);
    name.is_empty() || ANONYMOUS.contains(&name.trim_end_matches(|letter: char| letter.is_ascii_digit()))
}

/// A child that is called by its mother's name: 张红之子.
#[must_use]
pub fn is_newborn(name: &str) -> bool {
    let name = written(name);
    let child = name.rsplit_once('之').filter(|(mother, _)| !mother.is_empty()).map(|(_, child)| child);
    child.is_some_and(|child| {
        let child =
            child.trim_end_matches(|letter: char| letter.is_ascii_digit() || "一二三甲乙丙".contains(letter));
        CHILDREN.contains(&child)
    })
}

/// Whether two names begin with the same surname.
pub(super) fn same_surname(a: &str, b: &str) -> bool {
    let (a, b) = (written(a), written(b));
    !a.is_empty() && surname::split(&a).0 == surname::split(&b).0
}

/// Without what is only a way of writing: width, case, blanks, middle dots, variants.
fn written(name: &str) -> String {
    let letters = name.nfkc().filter(|letter| !letter.is_whitespace() && !is_dot(*letter));
    letters.flat_map(char::to_lowercase).map(usual).collect()
}

/// Between the parts of names of other peoples: 买买提·艾力.
fn is_dot(letter: char) -> bool {
    matches!(letter, '·' | '•' | '‧' | '・' | '･' | '.' | '．' | '-' | '\'')
}

fn usual(letter: char) -> char {
    VARIANTS.iter().find(|(variants, _)| variants.contains(letter)).map_or(letter, |(_, usual)| *usual)
}

/// The usual reading of a name, surnames as surnames are read.
fn sounds(name: &str) -> String {
    let (surname, given) = surname::split(name);
    let plain = |letter: char| match letter.to_pinyin() {
        Some(pinyin) => pinyin.plain().to_owned(),
        None => letter.to_string(),
    };
    let surname =
        surname::reading(surname).map_or_else(|| surname.chars().map(plain).collect(), str::to_owned);
    surname + &given.chars().map(plain).collect::<String>()
}

/// Whether there is a reading of each character that both have.
fn sound_alike(a: &str, b: &str) -> bool {
    let (of_a, of_b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    of_a.len() == of_b.len()
        && of_a.iter().zip(&of_b).all(|(a, b)| a == b || !readings(*a).is_disjoint(&readings(*b)))
}

fn readings(letter: char) -> BTreeSet<String> {
    let mut readings: BTreeSet<String> = match letter.to_pinyin_multi() {
        Some(all) => all.into_iter().map(|pinyin| pinyin.plain().to_owned()).collect(),
        None => BTreeSet::new(),
    };
    let mut written = [0_u8; 4];
    readings.extend(surname::reading(letter.encode_utf8(&mut written)).map(str::to_owned));
    readings
}

#[cfg(test)]
mod tests {
    use super::{Likeness, is_anonymous, is_newborn, likeness};

    #[test]
    fn ways_of_writing_are_no_difference() {
        for (a, b) in [
            ("张三", "张 三"),
            ("張偉", "张伟"),
            ("买买提·艾力", "买买提•艾力"),
            ("买买提·艾力", "买买提艾力"),
            ("ＪＯＨＮ Doe", "john doe"),
            ("闫红", "阎红"),
            ("肖强", "萧強"),
        ] {
            let expected = if a == "闫红" { Likeness::Sound } else { Likeness::Same };
            assert_eq!(likeness(a, b), expected, "{a} {b}");
            assert_eq!(likeness(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn what_is_read_the_same_is_told_from_what_is_another_name() {
        for (a, b) in
            [("张伟", "张玮"), ("单红", "山红"), ("曾敏", "增敏"), ("李晓华", "李小花"), ("尉迟恭", "玉池恭")]
        {
            assert_eq!(likeness(a, b), Likeness::Sound, "{a} {b}");
        }
        for (a, b) in [("张伟", "张强"), ("张伟", "张伟伟"), ("", "张三"), ("", ""), ("王芳", "汪红")]
        {
            assert_eq!(likeness(a, b), Likeness::Other, "{a} {b}");
        }
    }

    #[test]
    fn nobody_and_newborns_are_known_by_their_names() {
        for name in ["无名氏", "无名氏3", "未登记", " 无 名 ", "Unknown", ""] {
            assert!(is_anonymous(name), "{name}");
        }
        assert!(!is_anonymous("吴名"));
        for name in
            ["张红之子", "张红之女", "张红之婴", "张红之长子", "张红之双大", "张红之子1", "李丽之婴甲"]
        {
            assert!(is_newborn(name), "{name}");
        }
        for name in ["张之洞", "之子", "王羲之", "张红"] {
            assert!(!is_newborn(name), "{name}");
        }
    }
}
