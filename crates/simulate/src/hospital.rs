//! The hospital of a simulation: so many agents, these queues, one line for each of them and one with a menu.

use anyhow::Context;
use careline_model::config::{Plan, check, parse, parse_flow};
use careline_model::{AgentId, QueueId};
use std::fmt::Write;
use std::sync::Arc;

/// The number of agent 0; the others follow.
const FIRST_AGENT: usize = 1001;
/// The number of the line of queue 0; the others follow.
const FIRST_LINE: usize = 8000;
/// The line with the menu.
const MENU_LINE: &str = "100";
/// Somebody outside.
pub(crate) const OUTSIDE: &str = "013912345678";
/// A number of nobody.
pub(crate) const NOBODY: &str = "7777";
/// The queue whose callers are asked how it was.
const SURVEYED: &str = "booking";
/// The table of a queue whose callers are told their wait.
const WAITS_SAID: &str = "\n[queue.comfort]\nfirst_s = 1\nevery_s = 20\n[queue.announce_wait]\n\
    prompts = [\"0\", \"1\", \"3\", \"6\", \"more\"]\nbusier = \"busier\"";
/// The campaigns, of the first queues, and more of their tables.
pub(crate) const CAMPAIGNS: [(&str, &str); 2] = [
    ("follow", "mode = \"preview\"\npurpose = \"clinical\""),
    ("survey", "mode = \"progressive\"\npurpose = \"survey\"\nkeep_free = 1"),
];
/// What a caller hears before she is asked for keys.
pub(crate) const QUESTION: &str = "question";

/// A queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueShape {
    /// Its id.
    pub id: String,
    /// Ringing time of one offer, seconds.
    pub ring_timeout_s: u32,
    /// Wrap-up, seconds.
    pub wrap_up_s: u32,
    /// Longest wait, seconds.
    pub max_wait_s: u32,
    /// A shorter wait of a caller who gives up is no abandon, seconds.
    pub short_abandon_s: u32,
    /// Callers at the same time.
    pub callers_max: u32,
    /// Who must wait is told so.
    pub announced: bool,
    /// Who waits is told how long still, every 20 s when that has changed.
    pub waits_said: bool,
}

/// A hospital.
#[derive(Debug, Clone, PartialEq)]
pub struct Hospital {
    /// Its queues.
    pub queues: Vec<QueueShape>,
    /// For each agent, the queues she serves, by number.
    pub agents: Vec<Vec<usize>>,
    /// Callers of the line of a queue are queued without a word of greeting.
    pub speechless: bool,
    /// Somebody is asked about callers.
    pub directory: bool,
    /// Calls at the same time.
    pub calls_max: u32,
}

impl Hospital {
    /// Three queues; of four agents two serve one of them, one serves two and one serves all.
    #[must_use]
    pub fn of(agents: usize) -> Self {
        let queue = |id: &str, wrap_up_s, max_wait_s, announced| QueueShape {
            id: id.to_owned(),
            ring_timeout_s: 15,
            wrap_up_s,
            max_wait_s,
            short_abandon_s: 5,
            callers_max: u32::try_from(agents * 2).unwrap_or(u32::MAX).clamp(3, 2000),
            announced,
            waits_said: false,
        };
        let queues = vec![
            queue("general", 30, 600, true),
            queue("booking", 10, 300, false),
            queue("complaints", 0, 900, true),
        ];
        let served = |agent: usize| match agent % 4 {
            0 => vec![0],
            1 => vec![0, 1],
            2 => vec![1],
            _ => vec![0, 1, 2],
        };
        let agents: Vec<_> = (0..agents).map(served).collect();
        let calls_max = u32::try_from(agents.len() * 8 + 20).unwrap_or(u32::MAX);
        Self { queues, agents, speechless: false, directory: true, calls_max }
    }

    /// How many lines there are: one for each queue, and the last one has a menu.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.queues.len() + 1
    }

    /// The number of a line, as one dials it.
    #[must_use]
    pub fn number_of_line(&self, line: usize) -> String {
        if line < self.queues.len() { (FIRST_LINE + line).to_string() } else { MENU_LINE.to_owned() }
    }

    /// The id of an agent, which is her extension too.
    #[must_use]
    pub fn agent(number: usize) -> AgentId {
        AgentId::new((FIRST_AGENT + number).to_string())
    }

    /// The number of an agent.
    #[must_use]
    pub fn number_of(agent: &AgentId) -> usize {
        agent.as_str().parse::<usize>().unwrap_or(0).saturating_sub(FIRST_AGENT)
    }

    /// The id of a queue.
    #[must_use]
    pub fn queue(&self, number: usize) -> Option<QueueId> {
        self.queues.get(number).map(|queue| QueueId::new(queue.id.as_str()))
    }

    /// What the switch is told of it.
    ///
    /// # Errors
    /// When a queue's figures are outside of what the switch takes.
    pub fn plan(&self) -> anyhow::Result<Arc<Plan>> {
        let config = parse(&self.config()?, "simulated.toml").context("the hospital of the simulation")?;
        let mut flows = Vec::new();
        for (number, text) in self.flows().iter().enumerate() {
            flows.push(parse_flow(text, &format!("flow-{number}.toml")).context("a flow of the simulation")?);
        }
        let plan = check(&config, &flows, &|_| true).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the hospital of the simulation: {}", errors.join("; "))
        })?;
        Ok(Arc::new(plan))
    }

    fn config(&self) -> Result<String, std::fmt::Error> {
        let mut text = format!("[sip]\nrealm = \"careline\"\ncalls_max = {}\n", self.calls_max);
        if self.directory {
            text += "[directory]\naddress = \"http://127.0.0.1:7070\"\nbudget_ms = 150\n";
        }
        text += "[[trunk]]\nid = \"carrier\"\nsources = [\"127.0.0.2\"]\n[[trunk]]\nid = \"city\"\nsources = [\"127.0.0.3\"]\n\
            proxy = [\"127.0.0.3:5060\"]\noptions_interval_s = 0\n[[trunk_group]]\nid = \"out\"\n\
            members = [{ trunk = \"city\" }]\n[[route]]\ngroup = \"out\"\n[[not_ready_code]]\nid = \"meal\"\nname = \"meal\"\n";
        for QueueShape {
            id,
            ring_timeout_s,
            wrap_up_s,
            max_wait_s,
            short_abandon_s,
            callers_max,
            announced,
            waits_said,
        } in &self.queues
        {
            writeln!(
                text,
                "[[queue]]\nid = \"{id}\"\nname = \"{id}\"\nring_timeout_s = {ring_timeout_s}\nwrap_up_s = {wrap_up_s}\n\
                 max_wait_s = {max_wait_s}\nshort_abandon_s = {short_abandon_s}\ncallers_max = {callers_max}\n\
                 music = \"music\"{}{}",
                if *announced { "\nannounce = \"busy\"" } else { "" },
                if *waits_said { WAITS_SAID } else { "" }
            )?;
            if *id == *SURVEYED {
                writeln!(text, "[queue.survey]\nflow = \"survey\"\npercent = 50\nmin_talk_s = 5")?;
            }
        }
        for line in 0..self.lines() {
            let (number, flow) = (self.number_of_line(line), self.flow_of_line(line));
            writeln!(text, "[[line]]\nid = \"line-{line}\"\nnumber = \"{number}\"\nflow = \"{flow}\"")?;
        }
        // A hospital calls people, too: its nurses look first, and others are asked what they think of it.
        let served = |queue: usize| self.agents.iter().any(|queues| queues.contains(&queue));
        if served(0) {
            text += "[outbound]\nsafe_message = [\"sorry\"]\n";
            for (number, (id, more)) in CAMPAIGNS.iter().enumerate().filter(|(number, _)| served(*number)) {
                let queue = &self.queues[number].id;
                writeln!(text, "[[campaign]]\nid = \"{id}\"\nqueue = \"{queue}\"\n{more}")?;
            }
        }
        for (number, queues) in self.agents.iter().enumerate() {
            let id = Self::agent(number);
            let served: Vec<_> = queues.iter().map(|queue| format!("{:?}", self.queues[*queue].id)).collect();
            let served = served.join(", ");
            writeln!(
                text,
                "[[agent]]\nid = \"{id}\"\nname = \"{id}\"\npassword = \"pw{id}\"\nqueues = [{served}]"
            )?;
        }
        Ok(text)
    }

    fn flow_of_line(&self, line: usize) -> String {
        if line < self.queues.len() { format!("direct-{line}") } else { "menu".to_owned() }
    }

    fn flows(&self) -> Vec<String> {
        let direct = self.queues.iter().enumerate().map(|(number, queue)| {
            let greeting = if self.speechless { "" } else { "\"hello\"" };
            format!(
                "id = \"direct-{number}\"\nversion = 1\nstart = \"queue\"\n[node.queue]\nkind = \"queue\"\n\
                 queue = \"{}\"\nprompts = [{greeting}]\ntimeout = \"bye\"\n[node.bye]\nkind = \"hangup\"\n",
                queue.id
            )
        });
        direct.chain([self.menu(), survey()]).collect()
    }

    /// A greeting that keys cut short, then a question; silence and wrong keys lead to the first queue.
    fn menu(&self) -> String {
        let keys: Vec<_> =
            (0..self.queues.len()).map(|number| format!("{} = \"queue-{number}\"", number + 1)).collect();
        let nodes = self.queues.iter().enumerate().map(|(number, queue)| {
            format!(
                "[node.queue-{number}]\nkind = \"queue\"\nqueue = \"{}\"\nprompts = [\"transfer\"]\n\
                 timeout = \"late\"\nfull = \"full\"\n",
                queue.id
            )
        });
        format!(
            "id = \"menu\"\nversion = 1\nstart = \"greeting\"\n[node.greeting]\nkind = \"play\"\nprompts = [\"greeting\"]\n\
             next = \"ask\"\n[node.ask]\nkind = \"menu\"\nprompts = [\"{QUESTION}\"]\ninvalid = [\"wrong\"]\n\
             no_input = [\"silence\"]\notherwise = \"queue-0\"\nkeys = {{ {}, 77 = \"late\" }}\n{}\
             [node.late]\nkind = \"hangup\"\nprompts = [\"late\"]\n[node.full]\nkind = \"hangup\"\nprompts = [\"full\"]\n",
            keys.join(", "),
            nodes.collect::<String>()
        )
    }
}

/// Two questions after the conversation; who says nothing is thanked all the same.
fn survey() -> String {
    let rate = |name: &str, next: &str| {
        format!(
            "[node.{name}]\nkind = \"rate\"\nprompts = [\"{QUESTION}\"]\nquestion = \"{name}\"\nscale = 5\nlow = 2\n\
             next = \"{next}\"\notherwise = \"bye\"\ntries = 1\n"
        )
    };
    let (one, two) = (rate("attitude", "solved"), rate("solved", "bye"));
    format!(
        "id = \"survey\"\nversion = 1\nstart = \"attitude\"\n{one}{two}[node.bye]\nkind = \"hangup\"\nprompts = [\"late\"]\n"
    )
}

#[cfg(test)]
mod tests {
    use super::Hospital;

    #[test]
    fn a_hospital_of_any_size_is_one_that_the_switch_takes() {
        for agents in [0, 1, 20, 200] {
            let plan = Hospital::of(agents).plan().expect("a plan");
            assert_eq!((plan.agents.len(), plan.queues.len(), plan.lines.len()), (agents, 3, 4));
        }
        assert_eq!(Hospital::number_of(&Hospital::agent(7)), 7);
    }
}
