//! Callbacks and surveys of queues: what is written makes sense, or is refused with what would.

use careline_model::Number;
use careline_model::config::plan::NotCallable;
use careline_model::config::{Plan, check, parse, parse_flow};

const FLOW: &str = "id = \"main\"\nversion = 1\nstart = \"queue\"\n[node.queue]\nkind = \"queue\"\nqueue = \"general\"\n\
    prompts = [\"hello\"]\ntimeout = \"bye\"\n[node.bye]\nkind = \"hangup\"\n";
const SURVEY: &str = "id = \"survey\"\nversion = 1\nstart = \"q1\"\n[node.q1]\nkind = \"rate\"\nprompts = [\"q\"]\n\
    question = \"attitude\"\nscale = 5\nnext = \"bye\"\notherwise = \"bye\"\n[node.bye]\nkind = \"hangup\"\n\
    prompts = [\"thanks\"]\n";

fn checked(queue: &str, flows: &[&str]) -> Result<Plan, Vec<String>> {
    let text = format!(
        "[[trunk]]\nid = \"city\"\nsources = [\"127.0.0.3\"]\nproxy = [\"127.0.0.3:5060\"]\n[[trunk_group]]\n\
         id = \"out\"\nmembers = [{{ trunk = \"city\" }}]\n[[route]]\ngroup = \"out\"\n[[hours]]\nid = \"office\"\n\
         weekly = {{ mon = [\"08:00-12:00\"] }}\n[[queue]]\nid = \"general\"\nname = \"g\"\n{queue}\n[[line]]\n\
         id = \"main\"\nnumber = \"100\"\nflow = \"main\"\n[[agent]]\nid = \"1001\"\nname = \"a\"\npassword = \"a\"\n\
         queues = [\"general\"]\n"
    );
    let config = parse(&text, "switch.toml").map_err(|error| vec![error.to_string()])?;
    let flows: Result<Vec<_>, _> = flows.iter().map(|flow| parse_flow(flow, "flow.toml")).collect();
    let flows = flows.map_err(|error| vec![error.to_string()])?;
    check(&config, &flows, &|_| true).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn refused(queue: &str, flows: &[&str]) -> String {
    checked(queue, flows).expect_err("it is refused").join("\n")
}

#[test]
fn nobody_is_called_at_night_whatever_is_written() {
    for (written, allowed) in [
        ("from = \"07:59\"", "08:00 or later"),
        ("until = \"21:01\"", "not after 21:00"),
        ("from = \"12:00\"\nuntil = \"12:00\"", "after 12:00"),
        ("attempts = 0", "1 to 10"),
        ("spacing_s = 59", "60 to"),
        ("mode = \"both\"", "agent_first, customer_first"),
        ("days = \"nowhere\"", "office"),
        ("class = \"nothing\"", "standard"),
        ("numbers = [{ prefix = \"+1\", min = 1, max = 2 }]", "digits"),
        ("numbers = [{ prefix = \"1\", min = 3, max = 2 }]", "1 to 2"),
    ] {
        let told = refused(&format!("[queue.callback]\n{written}\n"), &[FLOW]);
        assert!(told.contains("queue.callback") && told.contains(allowed), "{written}: {told}");
    }
}

#[test]
fn a_queue_calls_peoples_numbers_and_no_others() {
    let plan = checked("[queue.callback]\nnumbers = [{ prefix = \"1\", min = 11, max = 11 }]\n", &[FLOW]);
    let plan = plan.expect("it holds");
    let may = |number: &str| plan.may_call_back(&"general".into(), &plan.number(number)).map(|_| ());
    assert_eq!(may("13812345678"), Ok(()));
    assert_eq!(may("02161234567"), Err(NotCallable::BadForm));
    for nobody in ["", "120", "1001", "100", "10086", "4001234567"] {
        assert_eq!(may(nobody), Err(NotCallable::NotANumber), "{nobody}");
    }
    let plan = checked("[queue.callback]\n", &[FLOW]).expect("it holds");
    let may = |number: &str| plan.may_call_back(&"general".into(), &plan.number(number)).map(|_| ());
    assert_eq!(may("02161234567"), Ok(()));
    assert_eq!(may("0085212345678"), Err(NotCallable::Barred));
    assert_eq!(plan.may_call_back(&"other".into(), &Number::from("x")), Err(NotCallable::NoCallbacks));
    let dialled =
        ["13812345678", "02161234567", "0085212345678"].map(|text| plan.as_dialled(&plan.number(text)));
    assert_eq!(dialled, ["13812345678", "02161234567", "0085212345678"]);
}

#[test]
fn a_survey_asks_one_to_three_questions_of_a_flow_that_is_there() {
    checked("[queue.survey]\nflow = \"survey\"\n", &[FLOW, SURVEY]).expect("it holds");
    for (flows, allowed) in [(&[FLOW][..], "main"), (&[FLOW, &SURVEY.replace("survey", "other")][..], "main")]
    {
        let told = refused("[queue.survey]\nflow = \"survey\"\n", flows);
        assert!(told.contains("queue.survey.flow") && told.contains(allowed), "{told}");
    }
    let told = refused("[queue.survey]\nflow = \"main\"\n", &[FLOW, SURVEY]);
    assert!(told.contains("0 rate nodes"), "{told}");
}

#[test]
fn nodes_about_callbacks_name_a_queue_that_makes_them() {
    let node = "[node.offer]\nkind = \"callback_offer\"\nqueue = \"general\"\noffer = \"promise\"\notherwise = \"bye\"\n\
                [node.promise]\nkind = \"callback\"\nqueue = \"general\"\nnext = \"bye\"\notherwise = \"bye\"\n";
    let flow = FLOW.replace("timeout = \"bye\"", "timeout = \"bye\"\nkeys = { 2 = \"offer\" }") + node;
    checked("[queue.callback]\n", &[&flow]).expect("it holds");
    let told = refused("", &[&flow]);
    assert!(told.contains("makes no callbacks") && told.contains("[queue.callback]"), "{told}");
}
