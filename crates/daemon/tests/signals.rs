//! Signals of the operating system arrive, one item each.

use std::process::{Command, id};

#[tokio::test]
async fn each_signal_is_one_item() {
    let (sender, mut stops) = tokio::sync::mpsc::channel(4);
    careline_daemon::signals::forward(sender).unwrap();
    for name in ["-TERM", "-INT"] {
        assert!(Command::new("kill").args([name, &id().to_string()]).status().unwrap().success());
        assert_eq!(stops.recv().await, Some(()));
    }
    assert!(stops.try_recv().is_err());
}
