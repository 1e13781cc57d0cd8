//! `careline-switch trunk-check`: what to agree on with a carrier, in Chinese and English, from the configuration
//! alone.

use careline_model::Number;
use careline_model::config::Plan;
use careline_model::config::plan::{
    AudioCodec, CallerFrom, DtmfMode, Identity, Listener, Network, Reliable, Srtp, Transport, Trunk,
    TrunkSource, UriForm,
};
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// Numbers whose written forms are shown, as an agent would dial them.
const EXAMPLES: [&str; 5] = ["120", "10086", "62345678", "13812345678", "0044 20 7946 0958"];

/// The checklist for one trunk or all of them. Passwords are not in it.
///
/// # Errors
/// When no trunk has this id; the error names those there are.
pub fn checklist(plan: &Plan, only: Option<&str>) -> anyhow::Result<String> {
    let wanted: Vec<&Trunk> =
        plan.trunks.values().filter(|trunk| only.is_none_or(|id| id == trunk.id.as_str())).collect();
    if wanted.is_empty() {
        let known: Vec<&str> = plan.trunks.keys().map(|id| id.as_str()).collect();
        let asked = only.map_or_else(|| "no trunk is configured".to_owned(), |id| format!("no trunk `{id}`"));
        anyhow::bail!("{asked}; there are: {}", known.join(", "));
    }
    let sheets: Vec<String> = wanted.into_iter().map(|trunk| sheet(plan, trunk)).collect();
    Ok(sheets.join("\n"))
}

/// The lines of one trunk's sheet.
struct Sheet(String);

impl Sheet {
    fn head(&mut self, chinese: &str, english: &str) {
        let _ = writeln!(self.0, "\n## {chinese} / {english}");
    }

    fn line(&mut self, chinese: &str, english: &str, value: &str) {
        let _ = writeln!(self.0, "- [ ] {chinese} / {english}: {value}");
    }

    fn ask(&mut self, chinese: &str, english: &str) {
        let _ = writeln!(self.0, "- [ ] {chinese} / {english}: ______");
    }
}

fn sheet(plan: &Plan, trunk: &Trunk) -> String {
    let mut sheet = Sheet(format!("# 中继对接核对单 / Trunk checklist: {}\n", trunk.id));
    addresses(&mut sheet, plan, trunk);
    media(&mut sheet, plan, trunk);
    numbers(&mut sheet, plan, trunk);
    registration(&mut sheet, trunk);
    behaviour(&mut sheet, trunk);
    questions(&mut sheet, trunk);
    sheet.0
}

fn addresses(sheet: &mut Sheet, plan: &Plan, trunk: &Trunk) {
    sheet.head("信令地址", "Signalling addresses");
    let network = plan.networks.get(&trunk.network);
    let ours: Vec<&Listener> =
        plan.listeners.iter().filter(|listener| listener.network == trunk.network).collect();
    for listener in &ours {
        let told = network.and_then(|network| network.sip_advertise).unwrap_or(listener.address.ip());
        let value =
            format!("{} {}", name(listener.transport), SocketAddr::new(told, listener.address.port()));
        sheet.line("我方 SIP 地址", "our SIP address", &value);
    }
    for proxy in &trunk.proxies {
        let value = format!("{} {proxy}", name(trunk.transport));
        sheet.line("我方呼出到", "we send calls to", &value);
    }
    if trunk.proxies.is_empty() {
        sheet.line("我方呼出到", "we send calls to", "无,仅呼入 / none, inbound only");
    }
    let sources: Vec<String> = trunk.sources.iter().map(source).collect();
    sheet.line("只接受来自以下地址的来话", "calls are accepted from", &sources.join(", "));
    sheet.line("SIP 域", "SIP domain", &trunk.domain);
    let from: Vec<String> = sources_of_ours(&ours, network);
    let firewall = format!("{} <-> {}", from.join(", "), sources.join(", "));
    sheet.line("防火墙放行信令", "firewall, signalling", &firewall);
}

fn sources_of_ours(ours: &[&Listener], network: Option<&Network>) -> Vec<String> {
    let told = |listener: &&Listener| {
        let ip = network.and_then(|network| network.sip_advertise).unwrap_or(listener.address.ip());
        format!("{} {}", name(listener.transport), SocketAddr::new(ip, listener.address.port()))
    };
    ours.iter().map(told).collect()
}

fn media(sheet: &mut Sheet, plan: &Plan, trunk: &Trunk) {
    sheet.head("媒体", "Media");
    if let Some(network) = plan.networks.get(&trunk.network) {
        let ports = format!("UDP {}-{}", plan.media.port_min, plan.media.port_max);
        sheet.line(
            "我方 RTP 地址与端口",
            "our RTP address and ports",
            &format!("{} {ports}", network.media_advertise),
        );
        let bound = IpAddr::to_string(&network.media_address);
        sheet.line("防火墙双向放行 RTP", "firewall, RTP both ways", &format!("{bound} {ports}"));
    }
    let codecs: Vec<&str> = trunk
        .audio
        .codecs
        .iter()
        .map(|codec| match codec {
            AudioCodec::Pcma => "G.711 A-law (PCMA, 8)",
            AudioCodec::Pcmu => "G.711 mu-law (PCMU, 0)",
            AudioCodec::G722 => "G.722 (G722, 9)",
            AudioCodec::Opus => "Opus (opus/48000/2)",
        })
        .collect();
    sheet.line("编码,按优先级", "codecs, best first", &codecs.join(", "));
    let suites: Vec<&str> = trunk.audio.suites.iter().map(|suite| suite.name()).collect();
    let suites = suites.join(", ");
    let srtp = match trunk.audio.srtp {
        Srtp::Off => "不加密 / none: RTP/AVP".to_owned(),
        Srtp::Optional => format!("可选 / optional: RTP/AVP, a=crypto {suites}"),
        Srtp::Required => format!("必须 / required: RTP/SAVP, a=crypto {suites}"),
    };
    sheet.line("媒体加密", "encryption of the audio", &srtp);
    sheet.line("打包时长", "packet time", "20 ms");
    let dtmf = match trunk.dtmf {
        DtmfMode::Rfc4733 => "RFC 4733 telephone-event/8000",
        DtmfMode::Info => "SIP INFO application/dtmf-relay",
        DtmfMode::Inband => "带内 / in band",
    };
    sheet.line("按键", "DTMF", dtmf);
    sheet.line("传真 T.38", "fax T.38", "不支持 / not offered");
}

fn numbers(sheet: &mut Sheet, plan: &Plan, trunk: &Trunk) {
    sheet.head("号码格式", "Number formats");
    for raw in EXAMPLES {
        let written = trunk.written(&plan.number(raw), plan);
        let written = match trunk.uri {
            UriForm::Sip => format!("sip:{written}@{}", trunk.domain),
            UriForm::SipPhone => format!("sip:{written}@{};user=phone", trunk.domain),
            UriForm::Tel if written.starts_with('+') => format!("tel:{written}"),
            UriForm::Tel => format!("tel:{written};phone-context={}", trunk.domain),
        };
        sheet.line(&format!("我方呼叫 {raw} 时发送"), &format!("calling {raw} we send"), &written);
    }
    let identity = match trunk.identity {
        Identity::Asserted => "P-Asserted-Identity + From",
        Identity::Preferred => "P-Preferred-Identity + From",
        Identity::From => "From",
        Identity::None => "匿名 / anonymous",
    };
    sheet.line("我方主叫号码位于", "our caller number is in", identity);
    let shown = |number: &Number| trunk.written_caller(number, plan);
    let caller_id = trunk.caller_id.as_ref().map(shown);
    let caller_id = caller_id.or_else(|| trunk.register.as_ref().map(|register| register.user.clone()));
    sheet.line("默认主叫号码", "default caller number", caller_id.as_deref().unwrap_or("无 / none"));
    for block in &trunk.number_block {
        let value = format!("{} - {}", block.first.as_str(), block.last.as_str());
        sheet.line("号码段", "number block", &value);
    }
    let from = match trunk.caller_from {
        CallerFrom::Asserted => "P-Asserted-Identity, 否则 / else From",
        CallerFrom::From => "From",
    };
    sheet.line("我方从何处取来话主叫", "inbound caller is taken from", from);
    let dialled = "P-Called-Party-ID, Request-URI, To";
    sheet.line("我方从何处取被叫(依次)", "inbound dialled number is taken from (in order)", dialled);
    for line in plan.lines.values() {
        sheet.line("请送达的被叫号码", "dialled number to be delivered", &shown(&line.number));
    }
}

fn registration(sheet: &mut Sheet, trunk: &Trunk) {
    sheet.head("注册", "Registration");
    let Some(register) = &trunk.register else {
        sheet.line("注册", "registration", "否,按 IP 地址对接 / none, by address");
        return;
    };
    let registrars: Vec<String> = register.registrars.iter().map(ToString::to_string).collect();
    sheet.line("注册服务器", "registrar", &registrars.join(", "));
    let record = format!("sip:{}@{}", register.user, register.domain);
    sheet.line("注册地址 (AOR)", "address of record", &record);
    sheet.line("鉴权用户名", "digest user", &register.auth_user);
    sheet.line("鉴权域", "digest realm", &trunk.realm);
    sheet.line("密码", "password", "已配置,不打印 / configured, not printed");
    sheet.line("摘要算法", "digest algorithms", "MD5, SHA-256");
    let expires = format!("{} s, 过半续注 / renewed at half", register.expires.as_secs());
    sheet.line("注册有效期", "expiry", &expires);
    sheet.line("一次注册覆盖整个号码段", "one registration for the whole block", "是 / yes");
}

fn behaviour(sheet: &mut Sheet, trunk: &Trunk) {
    sheet.head("行为与定时器", "Behaviour and timers");
    let options = match trunk.probing {
        Some(probing) => format!(
            "每 {0} s 一次,{1} 次无应答判断为断,{2} 次应答恢复 / every {0} s, down after {1} unanswered, up after {2}",
            probing.interval.as_secs(),
            probing.failures,
            probing.successes
        ),
        None => "不发送 / none is sent".to_owned(),
    };
    sheet.line("OPTIONS 探测", "OPTIONS", &options);
    let first = format!("{} s", trunk.first_response.as_secs());
    sheet.line("INVITE 后须在此时间内回 100", "a first response to INVITE within", &first);
    let session = trunk.session_expires.map_or_else(
        || "不使用 / not used".to_owned(),
        |expires| format!("Session-Expires {} s, Min-SE 90 s", expires.as_secs()),
    );
    sheet.line("会话定时器 (RFC 4028)", "session timers", &session);
    let reliable = match trunk.reliable {
        Reliable::Never => "不使用 / not used",
        Reliable::Supported => "支持 / supported",
        Reliable::Required => "要求 / required",
    };
    sheet.line("100rel (RFC 3262)", "100rel", reliable);
    sheet.line("183 早期媒体", "early media with 183", "支持,透传 / supported, passed on");
    sheet.line("3xx 重定向", "3xx redirection", "不跟随 / not followed");
    let limits = |value: Option<String>| value.unwrap_or_else(|| "不限 / no limit".to_owned());
    let calls_max = limits(trunk.calls_max.map(|max| max.to_string()));
    sheet.line("最大并发", "calls at the same time", &calls_max);
    let rate = limits(trunk.calls_per_second.map(|rate| format!("{rate}/s")));
    sheet.line("最大呼叫速率", "new calls per second", &rate);
    sheet.line(
        "并发已满时我方对来话回",
        "when full we answer inbound calls with",
        "486; 过快 / too fast: 503",
    );
    if !trunk.answer_supervision {
        let value = "无,应答即视为接通;忙音拆线由媒体判断 / none: answered means nothing; busy tone is a matter of media";
        sheet.line("应答监视", "answer supervision", value);
    }
}

fn questions(sheet: &mut Sheet, trunk: &Trunk) {
    sheet.head("请对方告知", "What we need to know");
    sheet.ask("全部信令与媒体地址(含备用)", "all signalling and media addresses, spares too");
    sheet.ask("开通并发数与呼叫速率", "calls and rate as ordered");
    sheet.ask("是否允许任意号码段内号码作主叫", "may every number of the block be shown");
    sheet.ask("110/119/120 拨打方式", "how 110/119/120 are dialled");
    sheet.ask("主叫隐藏时的表示 (Privacy / Anonymous)", "how withheld callers look");
    sheet.ask("不可达时的转移号码", "where calls go when we cannot be reached");
    sheet.ask("最长通话时限与无媒体超时", "longest call, time-out without media");
    sheet.ask("维护联系人与报障电话", "whom to call when it breaks");
    if trunk.probing.is_none() {
        sheet.ask("是否应答 OPTIONS", "whether OPTIONS is answered");
    }
}

fn source(source: &TrunkSource) -> String {
    let whole = if source.network.is_ipv4() { 32 } else { 128 };
    match source.port {
        Some(port) => SocketAddr::new(source.network, port).to_string(),
        None if source.prefix == whole => source.network.to_string(),
        None => format!("{}/{}", source.network, source.prefix),
    }
}

fn name(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
        Transport::Ws => "WS",
        Transport::Wss => "WSS",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_model::config::{check, parse};

    const CONFIG: &str = r#"
area_code = "0543"
[media]
address = "10.0.0.1"
[sip]
udp = ["10.0.0.1:5060"]
[[trunk]]
id = "ims"
profile = "ims-cn"
number_block = ["+8654332201000-+8654332201099"]
[trunk.register]
registrar = "192.0.2.7:5060"
domain = "ims.example.com"
user = "+8654332201000"
auth_user = "ims-user"
password = "top-secret"
[[trunk]]
id = "fxo"
profile = "fxo-gateway"
proxy = ["10.0.0.9:5060"]
[[agent]]
id = "1"
name = "a"
contact = "sip:1@10.0.0.2"
queues = []
"#;

    fn plan() -> Plan {
        check(&parse(CONFIG, "x.toml").expect("syntax"), &[], &|_| true).expect("a plan")
    }

    #[test]
    fn the_sheet_says_everything_but_the_password() {
        let text = checklist(&plan(), Some("ims")).expect("a sheet");
        for part in [
            "UDP 10.0.0.1:5060",
            "192.0.2.7",
            "10.0.0.1 UDP 20000-29999",
            "tel:+8613812345678",
            "tel:120;phone-context=ims.example.com",
            "sip:+8654332201000@ims.example.com",
            "digest user: ims-user",
            "+8654332201000 - +8654332201099",
            "P-Preferred-Identity",
            "Session-Expires 1800 s",
            "OPTIONS: 不发送",
            "none: RTP/AVP",
        ] {
            assert!(text.contains(part), "no `{part}` in:\n{text}");
        }
        assert!(!text.contains("top-secret"));
        assert!(!text.contains("fxo"));
    }

    #[test]
    fn all_trunks_have_a_sheet_and_a_wrong_name_is_told() {
        let all = checklist(&plan(), None).expect("sheets");
        assert_eq!(all.matches("# 中继对接核对单").count(), 2);
        let error = checklist(&plan(), Some("isdn")).expect_err("no such trunk");
        assert_eq!(error.to_string(), "no trunk `isdn`; there are: fxo, ims");
    }
}
