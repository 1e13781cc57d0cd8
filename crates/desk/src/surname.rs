//! Surnames of two characters, and surnames that are read otherwise than the character alone.

/// Compound surnames.
pub const COMPOUND: [&str; 16] = [
    "欧阳", "司马", "上官", "诸葛", "尉迟", "万俟", "夏侯", "皇甫", "慕容", "令狐", "公孙", "东方", "端木",
    "司徒", "南宫", "长孙",
];

/// Surnames whose reading is not the most frequent one of the characters: written, read (without tones), initials.
/// 单 is `shan` here and `dan` everywhere else.
const READINGS: [(&str, &str, &str); 18] = [
    ("尉迟", "yuchi", "yc"),
    ("万俟", "moqi", "mq"),
    ("长孙", "zhangsun", "zs"),
    ("单", "shan", "s"),
    ("仇", "qiu", "q"),
    ("解", "xie", "x"),
    ("查", "zha", "z"),
    ("曾", "zeng", "z"),
    ("区", "ou", "o"),
    ("任", "ren", "r"),
    ("盖", "ge", "g"),
    ("缪", "miao", "m"),
    ("朴", "piao", "p"),
    ("翟", "zhai", "z"),
    ("覃", "qin", "q"),
    ("乐", "yue", "y"),
    ("冼", "xian", "x"),
    ("种", "chong", "c"),
];

/// The reading of a surname that is not the usual one of its characters, without tones.
#[must_use]
pub fn reading(surname: &str) -> Option<&'static str> {
    READINGS.iter().find(|(written, ..)| *written == surname).map(|(_, reading, _)| *reading)
}

/// Surname and given name; the surname is the first character or a compound one.
#[must_use]
pub fn split(name: &str) -> (&str, &str) {
    let compound = COMPOUND.iter().find(|surname| name.starts_with(**surname) && name.len() > surname.len());
    let end = compound.map_or_else(|| name.chars().next().map_or(0, char::len_utf8), |surname| surname.len());
    name.split_at(end)
}

/// The initials of a name's surname when it is read unusually, and the rest of the name: 单晓峰 -> (`s`, 晓峰),
/// 尉迟恭 -> (`yc`, 恭).
#[must_use]
pub fn unusual_initials(name: &str) -> Option<(&'static str, &str)> {
    let (surname, given) = split(name);
    READINGS.iter().find(|(written, ..)| *written == surname).map(|(.., initials)| (*initials, given))
}

#[cfg(test)]
mod tests {
    use super::{reading, split, unusual_initials};

    #[test]
    fn a_surname_may_have_two_characters() {
        assert_eq!(split("欧阳娜"), ("欧阳", "娜"));
        assert_eq!(split("王芳"), ("王", "芳"));
        // Nobody has a surname only: the second character is the given name.
        assert_eq!(split("东方"), ("东", "方"));
        assert_eq!(split(""), ("", ""));
    }

    #[test]
    fn unusual_readings_are_known() {
        for (name, initials) in [
            ("单晓峰", "s"),
            ("仇英", "q"),
            ("解珍", "x"),
            ("查理", "z"),
            ("曾敏", "z"),
            ("区静", "o"),
            ("盖伟", "g"),
            ("缪红", "m"),
            ("朴顺", "p"),
            ("尉迟恭", "yc"),
            ("万俟雪", "mq"),
        ] {
            assert_eq!(unusual_initials(name).map(|(initials, _)| initials), Some(initials), "{name}");
        }
        assert_eq!(unusual_initials("王芳"), None);
        assert_eq!((reading("单"), reading("王")), (Some("shan"), None));
    }
}
