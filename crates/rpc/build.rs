//! Compiles `proto/` without protoc: protox reads the files, tonic-prost-build writes the code.

use std::error::Error;

const ROOT: &str = "../../proto";
const FILES: [&str; 11] = [
    "careline/switch_events/v1/switch_events.proto",
    "careline/switch_control/v1/switch_control.proto",
    "careline/switch_control/v1/supervisor_control.proto",
    "careline/switch_control/v1/callback_control.proto",
    "careline/switch_control/v1/people_control.proto",
    "careline/switch_control/v1/campaign_control.proto",
    "careline/switch_admin/v1/switch_admin.proto",
    "careline/switch_admin/v1/configuration.proto",
    "careline/switch_statistics/v1/switch_statistics.proto",
    "careline/recordings/v1/recordings.proto",
    "careline/directory/v1/directory.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={ROOT}");
    let files = FILES.map(|file| format!("{ROOT}/{file}"));
    let descriptors = protox::compile(files, [ROOT])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
