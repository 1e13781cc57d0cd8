//! `desk.toml`: the sample holds, and every mistake is told with its place.

use careline_desk::config::{Config, parse};
use careline_desk::his::{Rules, UnknownCode, UnknownPatient};
use careline_desk::storage::{Place, Server, ServerTls};
use std::path::Path;
use std::time::Duration;

const SAMPLE: &str = include_str!("../../../config/desk.toml");

fn load(text: &str) -> Result<Config, Vec<String>> {
    parse(text, "desk.toml", Path::new("config"))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// The one mistake that replacing `from` by `to` in the sample makes.
fn mistake(from: &str, to: &str) -> String {
    assert!(SAMPLE.contains(from), "the sample has no `{from}`");
    let errors = load(&SAMPLE.replacen(from, to, 1)).expect_err("a mistake was made");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].clone()
}

fn line_of(part: &str) -> usize {
    SAMPLE.lines().position(|line| line.contains(part)).expect("the part is in the sample") + 1
}

#[test]
fn the_sample_holds() {
    let config = load(SAMPLE).unwrap();
    assert_eq!(config.hospital, "Careline 示范医院");
    assert_eq!(config.http, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.directory, "127.0.0.1:7070".parse().unwrap());
    assert_eq!(config.database, Place::File("config/../recordings/desk.db".into()));
    assert_eq!(config.switches.len(), 1);
    assert_eq!((config.switches[0].id.as_str(), config.subscriber.as_str()), ("switch-1", "desk"));
    assert_eq!(config.sign_in.idle, Duration::from_secs(15 * 60));
    assert_eq!(config.sign_in.absolute, Duration::from_secs(12 * 3600));
    assert_eq!((config.sign_in.failures_max, config.sign_in.lock), (5, Duration::from_secs(60)));
    let codes: Vec<&str> = config.sources.iter().map(|source| source.code.as_str()).collect();
    let seeded: Vec<&str> = careline_desk::seed::SOURCES.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, seeded, "synthetic people came by sources that the sample names");
    assert!(!config.demo);
}

#[test]
fn what_the_sample_calls_a_default_is_the_default() {
    let bare = load("[[switch]]\nid = \"switch-1\"\naddress = \"http://127.0.0.1:7060\"\n").unwrap();
    let sample = load(SAMPLE).unwrap();
    let told = |config: &Config| {
        format!(
            "{:?}",
            (
                &config.timezone,
                &config.numbers,
                &config.language,
                config.http,
                config.directory,
                &config.database,
                &config.switches,
                &config.subscriber,
                config.sign_in,
                config.demo
            )
        )
    };
    assert_eq!(told(&bare), told(&sample));
    assert_eq!(bare.hospital, "Careline");
    assert!(bare.sources.is_empty() && bare.media.is_empty() && bare.lines.is_empty());
}

#[test]
fn every_key_of_the_sample_has_a_comment() {
    let mut table = "";
    for line in SAMPLE.lines() {
        if line.starts_with('[') {
            table = line;
        }
        let listed = ["[[source]]", "[[medium]]", "[[line]]"].contains(&table);
        if line.contains(" = ") && !listed {
            assert!(line.contains('#'), "{line}");
        }
    }
}

#[test]
fn an_unknown_key_names_its_line_and_the_known_ones() {
    let told = mistake("idle_min = 15 ", "idle_mins = 15 ");
    let line = line_of("idle_min = 15");
    assert!(
        told.starts_with(&format!("desk.toml:{line}: idle_mins: unknown field `idle_mins`; allowed: ")),
        "{told}"
    );
    assert!(told.contains("idle_min,"), "{told}");
}

#[test]
fn listeners_stay_on_this_machine() {
    let told = mistake("listen = \"127.0.0.1:8080\"", "listen = \"0.0.0.0:8080\"");
    let line = line_of("127.0.0.1:8080");
    assert_eq!(
        told,
        format!(
            "desk.toml:{line}: http.listen: 0.0.0.0:8080 can be reached from other machines, and pages are served \
             without encryption; allowed: an address of 127.0.0.0/8 or [::1]; put a proxy with TLS in front of it \
             for others"
        )
    );
    let told = mistake("listen = \"127.0.0.1:7070\"", "listen = \"192.0.2.1:7070\"");
    assert!(told.contains("directory.listen: 192.0.2.1:7070 can be reached"), "{told}");
    let told = mistake("\"http://127.0.0.1:7060\"", "\"http://192.0.2.1:7060\"");
    assert!(
        told.contains("switch.address: \"http://192.0.2.1:7060\" is no address of a switch on this"),
        "{told}"
    );
    let told = mistake("listen = \"127.0.0.1:8080\"", "listen = \"localhost\"");
    assert!(told.contains("\"localhost\" is no address; allowed: ip:port"), "{told}");
}

#[test]
fn values_are_checked() {
    for (from, to, part) in [
        ("\"Asia/Shanghai\"", "\"Asia/Shangrila\"", "timezone: there is no zone \"Asia/Shangrila\""),
        ("country_code = \"86\"", "country_code = \"+86\"", "country_code: is no country code"),
        ("# area_code = \"0543\"", "area_code = \"x\"", "area_code: is no area code"),
        ("\"zh-CN\"", "\"de\"", "language: is no language of the pages; allowed: \"zh-CN\" or \"en\""),
        ("subscriber = \"desk\"", "subscriber = \"Desk\"", "feed.subscriber: is no subscriber's name"),
        ("lock_s = 60", "lock_s = 0", "sign_in.lock_s: 0 is out of range; allowed: 1 to 3600 seconds"),
        ("code = \"nearby\"", "code = \"friend\"", "source.code: \"friend\" stands here twice"),
        ("code = \"website\"", "code = \"web site\"", "medium.code: \"web site\" is no code"),
        ("name = \"总机\"", "name = \"\"", "line.name: has 0 characters; allowed: 1 to 64 characters"),
        ("enabled = false", "enabled = \"no\"", "enabled: invalid type: string \"no\"; allowed: a boolean"),
    ] {
        let told = mistake(from, to);
        let line = line_of(from);
        assert!(told.starts_with(&format!("desk.toml:{line}: ")) && told.contains(part), "{told}");
    }
}

#[test]
fn a_tenth_source_has_no_key_and_a_switch_there_must_be() {
    let more: String = (1..=3).map(|n| format!("[[source]]\ncode = \"more{n}\"\nname = \"x\"\n")).collect();
    let errors = load(&format!("{SAMPLE}{more}")).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(
        errors[0].contains("source.code: is one source too many; allowed: 9, one for each digit"),
        "{errors:#?}"
    );
    assert!(load("").unwrap_err()[0].contains("switch: there is none"), "{:#?}", load(""));
}

#[test]
fn all_mistakes_come_at_once() {
    let text = SAMPLE.replace("127.0.0.1:8080", "0.0.0.0:80").replace("lock_s = 60", "lock_s = 9999");
    assert_eq!(load(&text).unwrap_err().len(), 2);
}

/// The sample with a server in the place of its file.
fn at_server(keys: &str) -> Result<Config, Vec<String>> {
    let file = "[database]\nfile = \"../recordings/desk.db\"";
    assert!(SAMPLE.contains(file));
    load(&SAMPLE.replace(file, &format!("[database.postgres]\n{keys}\n#")))
}

#[test]
fn a_database_at_a_server_has_defaults_too() {
    let config = at_server("").unwrap();
    let defaults = Server {
        host: "127.0.0.1".into(),
        port: 5432,
        database: "careline".into(),
        user: "careline".into(),
        password: None,
        tls: ServerTls::Preferred,
    };
    assert_eq!(config.database, Place::Server(defaults.clone()));
    let keys = "host = \"db\"\nport = 54321\ndatabase = \"desk\"\nuser = \"u\"\npassword_file = \"secret\"\n\
                tls = \"verified\"\nauthority = \"ca.pem\"";
    let config = at_server(keys).unwrap();
    let tls = ServerTls::Verified("config/ca.pem".into());
    let written =
        Server { host: "db".into(), port: 54321, database: "desk".into(), user: "u".into(), tls, ..defaults };
    assert_eq!(config.database, Place::Server(written));
    assert_eq!(config.password_file.as_deref(), Some(Path::new("config/secret")));
    assert_eq!(config.database.to_string(), "u@db:54321/desk");
}

#[test]
fn what_is_wrong_about_a_server_is_said() {
    for (keys, part) in [
        ("host = \"\"", "database.postgres.host: has 0 bytes; allowed: a name, an address"),
        ("port = 0", "database.postgres.port: is no port; allowed: 1 to 65535"),
        ("tls = \"maybe\"", "tls: \"maybe\" is no way; allowed: \"preferred\", \"off\" or \"verified\""),
        ("tls = \"verified\"", "tls: has no authority to ask; allowed: authority = \"<PEM file>\" beside it"),
        ("authority = \"x\"", "authority: is asked only with tls = \"verified\""),
        ("[database]\nfile = \"x\"", "database.file: stands beside [database.postgres]"),
    ] {
        let told = at_server(keys).unwrap_err();
        assert!(told.iter().any(|line| line.contains(part)), "{keys}: {told:?}");
    }
}

#[test]
fn the_password_of_a_server_is_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.toml");
    let text = "[[switch]]\nid = \"s\"\naddress = \"http://127.0.0.1:7060\"\n[database.postgres]\n\
                password_file = \"secret\"\n";
    std::fs::write(&file, text).unwrap();
    let refused = format!("{:#}", careline_desk::config::load(&file, None).unwrap_err());
    assert!(refused.contains("see [database.postgres] password_file"), "{refused}");
    std::fs::write(folder.path().join("secret"), "open sesame\n").unwrap();
    let config = careline_desk::config::load(&file, Some(Path::new("/run"))).unwrap();
    let Place::Server(server) = config.database else { panic!("it is at a server") };
    assert_eq!(server.password.as_deref(), Some("open sesame"));
    assert!(!format!("{server:?}").contains("sesame"), "no secret in a log");
}

#[test]
fn a_door_for_the_hospitals_systems_names_who_may_come_in() {
    let with = |keys: &str| load(&format!("{SAMPLE}\n[[his]]\nid = \"his\"\n{keys}\n"));
    let config =
        with("listen = \"0.0.0.0:2575\"\nfrom = [\"192.0.2.10\", \"2001:db8::1\"]\ncharset = \"GBK\"")
            .unwrap();
    assert_eq!((config.his[0].listen.port(), config.his[0].door.from.len()), (2575, 2));
    assert_eq!(config.his[0].door.profile.charset, Some(careline_desk::his::Charset::Gb18030));
    for (keys, part) in [
        (
            "listen = \"0.0.0.0:2575\"",
            "his.listen: can be reached from other machines, and anybody could send",
        ),
        ("listen = \"2575\"", "his.listen: \"2575\" is no address; allowed: ip:port"),
        (
            "listen = \"127.0.0.1:1\"\nfrom = [\"x\"]",
            "his.from: \"x\" is no address; allowed: an IPv4 or IPv6",
        ),
        ("listen = \"127.0.0.1:1\"\ncharset = \"EBCDIC\"", "his.charset: \"EBCDIC\" is no character set"),
        (
            "listen = \"127.0.0.1:1\"\n[[his]]\nid = \"his\"\nlisten = \"127.0.0.1:2\"",
            "his.id: \"his\" stands here twice",
        ),
    ] {
        let told = with(keys).unwrap_err();
        assert!(told.iter().any(|line| line.contains(part)), "{keys}: {told:?}");
    }
}

#[test]
fn a_door_reads_as_strictly_as_it_is_told_and_nonsense_is_told_with_what_is_allowed() {
    let with =
        |keys: &str| load(&format!("{SAMPLE}\n[[his]]\nid = \"his\"\nlisten = \"127.0.0.1:1\"\n{keys}\n"));
    let all = "application = \"CARE\"\nunknown_patient = \"refuse\"\nunknown_code = \"strict\"\n\
               [his.codes.sex]\n\"3\" = \"unknown\"\n[his.codes.class]\n\"ZY\" = \"inpatient\"\n\
               [his.codes.department]\n\"0301\" = \"CARD\"\n[his.codes.disposition]\n\"HOME\" = \"1\"\n\
               [his.tls]\ncertificate = \"his.pem\"\nkey = \"/etc/his.key\"";
    let his = with(all).unwrap().his.remove(0);
    let rules = &his.door.profile.rules;
    assert_eq!((rules.application.as_deref(), &rules.facility), (Some("CARE"), &None));
    assert_eq!((rules.unknown_patient, rules.codes.unknown), (UnknownPatient::Refuse, UnknownCode::Strict));
    assert_eq!((rules.codes.sex["3"], rules.codes.class["ZY"]), ("unknown", "inpatient"));
    assert_eq!((rules.codes.department["0301"].as_str(), rules.codes.disposition["HOME"]), ("CARD", "1"));
    let tls = his.tls.unwrap();
    assert_eq!((tls.certificate, tls.key), ("config/his.pem".into(), "/etc/his.key".into()));
    let plain = with("").unwrap().his.remove(0);
    assert_eq!((plain.door.profile.rules, plain.tls), (Rules::default(), None));
    for (keys, part) in [
        (
            "unknown_patient = \"perhaps\"",
            "his.unknown_patient: \"perhaps\" is none; allowed: \"create\", \"refuse\"",
        ),
        (
            "unknown_code = \"no\"",
            "his.unknown_code: \"no\" is none; allowed: \"lenient\", \"park\", \"strict\"",
        ),
        ("application = \"\"", "his.application: is empty or too long"),
        (
            "[his.codes.sex]\n\"3\" = \"x\"",
            "his.codes.sex: \"x\" is no word for \"3\"; allowed: male, female, unknown",
        ),
        ("[his.codes.class]\n\"\" = \"other\"", "his.codes.class: \"\" is no code of a message"),
        ("[his.codes.department]\n\"1\" = \" \"", "his.codes.department: the code is empty or too long"),
        (
            "[his.codes.disposition]\n\"H\" = \"7\"",
            "his.codes.disposition: \"7\" is no word for \"H\"; allowed: 1, 2, 3",
        ),
        ("[his.tls]\ncertificate = \"a\"\nkey = \"\"", "his.tls.key: names no file"),
        ("[his.tls]\ncertificate = \"a\"", "missing field `key`"),
        ("[his.codes.colour]\n\"1\" = \"red\"", "colour"),
    ] {
        let told = with(keys).unwrap_err();
        assert!(told.iter().any(|line| line.contains(part)), "{keys}: {told:?}");
    }
    // An authority vouches for whoever comes from elsewhere.
    let open = |tls: &str| {
        let table =
            "[[his]]\nid = \"his\"\nlisten = \"0.0.0.0:2575\"\n[his.tls]\ncertificate = \"a\"\nkey = \"b\"";
        load(&format!("{SAMPLE}\n{table}\n{tls}\n"))
    };
    assert!(open("authority = \"c\"").is_ok());
    assert!(open("").unwrap_err()[0].contains("anybody could send"));
}

#[test]
fn the_door_that_the_sample_describes_is_one() {
    let begin = SAMPLE.find("# [[his]]").expect("it is described");
    let end = SAMPLE[begin..].find("\n\n").expect("an empty line ends it") + begin;
    let lines: Vec<&str> =
        SAMPLE[begin..end].lines().map(|line| line.trim_start_matches(['#', ' '])).collect();
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with("waits for")).collect();
    let config = load(&format!("{SAMPLE}\n{}\n", lines.join("\n"))).unwrap();
    assert_eq!(config.his.len(), 1);
    assert!(config.his[0].tls.as_ref().is_some_and(|tls| tls.authority.is_some()));
}
