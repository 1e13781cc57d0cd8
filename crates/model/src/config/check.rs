use super::*;
/// x
pub fn check(
    config: &SwitchConfig,
    flows: &[FlowConfig],
    prompt_exists: &dyn Fn(&str) -> bool,
) -> Result<Plan, Vec<ConfigError>> {
    let _ = (config, flows, prompt_exists);
    Err(vec![])
}
