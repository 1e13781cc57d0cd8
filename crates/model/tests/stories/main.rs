//! Configuration, numbers, flows and events, told in one program: it is linked once.

mod audio;
mod config;
mod config_agents;
mod config_callbacks;
mod config_hours;
mod config_languages;
mod config_mailbox;
mod config_network;
mod config_outbound;
mod config_people;
mod config_queues;
mod config_screening;
mod config_waiting;
mod event;
mod flow;
mod number;
mod trunk;
