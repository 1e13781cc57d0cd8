//! Networks, listeners, certificates and origins: what holds, and how mistakes are told.

use careline_model::NetworkId;
use careline_model::config::plan::Transport;
use careline_model::config::{ConfigError, Plan, check, parse};

const TWO: &str = r#"
[[network]]
id = "lines"
media_address = "192.0.2.1"
media_advertise = "198.51.100.1"
sip_advertise = "198.51.100.1"

[[network]]
id = "six"
media_address = "2001:db8::1"

[[listener]]
transport = "udp"
address = "192.0.2.1:5060"
network = "lines"

[[listener]]
transport = "wss"
address = "127.0.0.1:443"

[[listener]]
transport = "tls"
address = "[2001:db8::1]:5061"
network = "six"

[tls]
certificate = "a.pem"
key = "a.key"

[ws]
origins = ["https://Desk.example.com", "none"]
"#;

fn load(text: &str) -> Result<Plan, Vec<ConfigError>> {
    let config = parse(text, "switch.toml").map_err(|error| vec![error])?;
    check(&config, &[], &|_| true)
}

fn mistake(from: &str, to: &str) -> String {
    assert!(TWO.contains(from), "no `{from}`");
    let errors = load(&TWO.replacen(from, to, 1)).expect_err("a mistake was made");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].to_string()
}

#[test]
fn listeners_name_their_networks() {
    let plan = load(TWO).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let listeners: Vec<(Transport, String, &str)> = plan
        .listeners
        .iter()
        .map(|one| (one.transport, one.address.to_string(), one.network.as_str()))
        .collect();
    assert_eq!(
        listeners,
        [
            (Transport::Udp, "192.0.2.1:5060".to_owned(), "lines"),
            (Transport::Wss, "127.0.0.1:443".to_owned(), "default"),
            (Transport::Tls, "[2001:db8::1]:5061".to_owned(), "six"),
        ],
        "the unwritten short form gives way"
    );
    let lines = &plan.networks[&NetworkId::from("lines")];
    assert_eq!(lines.media_address.to_string(), "192.0.2.1");
    assert_eq!(lines.media_advertise.to_string(), "198.51.100.1");
    assert_eq!(plan.networks[&NetworkId::from("default")].media_address.to_string(), "127.0.0.1");
    assert_eq!(plan.ws.origins, ["https://desk.example.com"]);
    assert!(plan.ws.without_origin);
}

#[test]
fn without_listeners_the_short_form_is_the_default() {
    let plan = load("").unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(plan.listeners.len(), 2);
    assert_eq!(plan.networks.len(), 1);
    let plan = load("[sip]\nudp = [\"127.0.0.1:5070\"]\n[[listener]]\ntransport = \"tcp\"\naddress = \"127.0.0.1:5070\"\n")
        .unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(plan.listeners.len(), 2, "written keys and listeners add up");
}

#[test]
fn each_mistake_says_what_is_allowed() {
    let cases = [
        (
            "\"wss\"",
            "\"sctp\"",
            "listener.transport: `sctp` is no transport; allowed: udp, tcp, tls, ws, wss",
        ),
        ("network = \"six\"", "network = \"sixx\"", "listener.network: network `sixx` is not known"),
        (
            "address = \"192.0.2.1:5060\"",
            "address = \"0.0.0.0\"",
            "listener.address: `0.0.0.0` is no address",
        ),
        ("\"127.0.0.1:443\"", "\"0.0.0.0:443\"", "listener.address: phones cannot send to `0.0.0.0`"),
        ("\"127.0.0.1:443\"", "\"[::1]:443\"", "and the media address 127.0.0.1 differ in family"),
        ("\"[2001:db8::1]:5061\"", "\"[2001:db8::1]:443\"", ""),
        ("\"none\"", "\"desk.example.com\"", "ws.origins: `desk.example.com` is no origin"),
        (
            "\"https://Desk.example.com\", \"none\"",
            "",
            "ws.origins: nobody may use the listener at 127.0.0.1:443",
        ),
        ("media_advertise = \"198.51.100.1\"", "media_advertise = \"::1\"", "are of different families"),
        (
            "media_address = \"192.0.2.1\"\nmedia_advertise = \"198.51.100.1\"",
            "media_address = \"0.0.0.0\"",
            "phones cannot send to this address",
        ),
        ("certificate = \"a.pem\"", "certificate = \"\"", "tls.certificate: is empty; allowed: a path"),
        ("certificate = \"a.pem\"\n", "", "tls.key: has no certificate; allowed: tls.certificate beside it"),
        ("key = \"a.key\"\n", "", "tls.certificate: has no key; allowed: tls.key beside it"),
    ];
    for (from, to, told) in cases {
        if told.is_empty() {
            assert!(load(&TWO.replacen(from, to, 1)).is_ok(), "another address, the same port: {to}");
        } else {
            let said = mistake(from, to);
            assert!(said.contains(told), "{said}");
        }
    }
}

#[test]
fn two_listeners_need_two_addresses_and_tls_a_certificate() {
    let twice =
        TWO.replace("127.0.0.1:443", "192.0.2.1:5060").replace("network = \"six\"", "network = \"six\" ");
    assert!(load(&twice).is_ok(), "UDP and TCP ports are not the same");
    let twice = twice.replacen("\"udp\"", "\"tcp\"", 1);
    let errors = load(&twice).expect_err("both are TCP");
    assert!(errors[0].to_string().contains("is taken by another listener"), "{errors:#?}");
    let bare = TWO.replace("[tls]\ncertificate = \"a.pem\"\nkey = \"a.key\"\n", "");
    let errors = load(&bare).expect_err("no certificate");
    assert!(
        errors[0].to_string().contains("tls: the listener at 127.0.0.1:443 needs a certificate"),
        "{errors:#?}"
    );
    let unused = format!("{TWO}\n[[network]]\nid = \"nobody\"\nmedia_address = \"127.0.0.9\"\n");
    let errors = load(&unused).expect_err("no listener");
    assert!(errors[0].to_string().contains("network `nobody` has no listener"), "{errors:#?}");
}
