//! Several languages: each has all that is said, and a mistake names the language, the prompt and its file.

use careline_model::LineId;
use careline_model::config::{ConfigError, Plan, check, parse, parse_flow};
use careline_model::spoken::{Language, vocabulary};
use std::sync::Arc;

const FLOW: &str = include_str!("../../../../config/flows/main.toml");
const SWITCH: &str = include_str!("../../../../config/switch.toml");

/// The sample with these languages beside the first one; `exists` answers for their prompts.
fn load(others: &str, exists: &dyn Fn(&str) -> bool) -> Result<Plan, Vec<ConfigError>> {
    let switch = SWITCH
        .replace("others = [] ", &format!("others = {others}"))
        .replace("flow = \"main\"                 #", "flow = \"main\"\nlanguage = \"en-GB\" #");
    let config = parse(&switch, "switch.toml").expect("it reads");
    let flow = parse_flow(FLOW, "main.toml").expect("it reads");
    check(&config, &[flow], exists)
}

fn told(others: &str, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let errors = load(others, exists).expect_err("a mistake was made");
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_line_has_the_language_of_its_callers() {
    let plan = load("[\"en-GB\"]", &|_| true).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let language = plan.lines[&LineId::from("main")].language.clone();
    assert_eq!(language.as_deref(), Some("en-GB"));
    assert_eq!(plan.lines[&LineId::from("public")].language, None);
    let prompt: Arc<str> = "greeting".into();
    assert_eq!(&*plan.prompts.named(language.as_deref(), &prompt), "en-GB/greeting");
    assert_eq!(plan.prompts.named(Some("zh-CN"), &prompt), prompt);
    assert_eq!(plan.prompts.named(None, &prompt), prompt);
    assert_eq!(plan.prompts.spoken(language.as_deref()), Language::English);
    assert_eq!(plan.prompts.spoken(None), Language::Mandarin);
}

#[test]
fn a_prompt_that_a_language_lacks_is_told_with_its_file() {
    let lacking = |id: &str| !matches!(id, "en-GB/menu-main" | "en-GB/all-busy" | "en-GB/hold-music");
    let errors = told("[\"en-GB\"]", &lacking);
    let line = SWITCH.lines().position(|line| line.starts_with("others = [] ")).expect("a key") + 1;
    assert_eq!(
        errors,
        ["all-busy", "menu-main"].map(|id| format!(
            "switch.toml:{line}: prompts.others: prompt `{id}` is missing in language `en-GB`; \
             allowed: a file prompts/en-GB/{id}.wav"
        )),
        "music needs no translation"
    );
}

#[test]
fn a_language_has_the_words_that_values_are_said_with() {
    let errors = told("[\"en-GB\"]", &|id| !id.starts_with("en-GB/ordinal-"));
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let count = vocabulary(Language::English).filter(|(id, _)| id.starts_with("ordinal-")).count();
    let expected =
        format!("{count} prompts that values are said with are missing in language `en-GB`: ordinal-1, ");
    assert!(errors[0].contains(&expected), "{errors:#?}");
}

#[test]
fn a_dialect_may_have_a_few_prompts_only() {
    let others = "[\"zh-sichuan\", \"en-GB\"]";
    assert!(load(others, &|id| !id.starts_with("zh-sichuan/") || id == "zh-sichuan/greeting").is_ok());
}

#[test]
fn languages_that_make_no_sense_are_refused() {
    for (others, expected) in [
        (
            "[\"de-DE\", \"en-GB\"]",
            "`de-DE` is no language that values are said in; allowed: zh or en, alone",
        ),
        ("[\"en-GB\", \"en-GB\"]", "prompts.others: `en-GB` is there twice; allowed: each language once"),
        ("[\"zh-CN\", \"en-GB\"]", "prompts.others: `zh-CN` is there twice; allowed: each language once"),
        ("[\"en/../zh\", \"en-GB\"]", "prompts.others: `en/../zh` is no id; allowed: 1 to 64 letters"),
        ("[\"en-US\"]", "line.language: language `en-GB` is not known; allowed: zh-CN, en-US"),
    ] {
        let errors = told(others, &|_| true);
        assert!(errors[0].contains(expected), "{errors:#?}");
    }
    let many: Vec<String> = (0..8).map(|count| format!("\"en-{count}\"")).collect();
    let errors = told(&format!("[\"en-GB\", {}]", many.join(", ")), &|_| true);
    assert!(errors[0].contains("prompts.others: is one too many; allowed: up to 8 languages"), "{errors:#?}");
}
