//! Rebuilds when the built pages or the migrations change. The pages are made by `cargo xtask ui`; without them the desk compiles all the same.
fn main() {
    // A folder that is not there counts as changed with every build.
    if let Err(error) = std::fs::create_dir_all("ui/dist") {
        println!("cargo::warning=failed to make ui/dist: {error}");
    }
    println!("cargo::rerun-if-changed=ui/dist");
    // Compiled in by name; a new one is not noticed otherwise.
    println!("cargo::rerun-if-changed=migrations");
}
