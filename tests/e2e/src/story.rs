//! How a story is told: it passes, or it fails with the logs of everybody who was in it.

use crate::config::HouseOptions;
use crate::house::House;

/// Builds the house, lets the story happen in it, and prints every log when it goes wrong.
///
/// # Panics
/// When the story fails: this is the assertion of an end-to-end test.
pub fn tell(name: &str, options: HouseOptions, story: impl FnOnce(&mut House) -> anyhow::Result<()>) {
    let mut house = match House::build(name, options) {
        Ok(house) => house,
        Err(error) => panic!("{name}: the house could not be built: {error:#}"),
    };
    if let Err(error) = story(&mut house) {
        panic!("{name}: {error:#}\n{}", house.logs());
    }
}
