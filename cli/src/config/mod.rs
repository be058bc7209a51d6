//! `fdctl config`: what nodes and directories are told.

mod authority;
mod init;

use crate::exit::Exit;
use crate::output::Output;
use anyhow::Context;
use cluster_config::{Config, DirectoryConfig, Problem, Problems};
use std::path::{Path, PathBuf};

/// Configurations of nodes and directories
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Report everything that is wrong with some files, at once
    Check {
        /// Configurations of nodes, or of directories (those have `[[cities]]`)
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write a ready city on loopback: certificates, secrets, one file per node, a directory
    Init(init::Init),
    /// Write the certificate and the file of one more node into such a folder
    Join(init::Join),
    /// Print every key of a node's configuration with its default and what it means
    Reference {
        /// The directory's keys instead
        #[arg(long)]
        directory: bool,
    },
}

/// # Errors
/// Files cannot be read or written.
pub(crate) fn run(command: Command, output: Output) -> anyhow::Result<Exit> {
    match command {
        Command::Check { files } => check(&files, output),
        Command::Init(init) => init.run(output),
        Command::Join(join) => join.run(output),
        Command::Reference { directory: false } => output.text(cluster_config::REFERENCE),
        Command::Reference { directory: true } => output.text(cluster_config::DIRECTORY_REFERENCE),
    }
}

/// What was found in one file.
#[derive(serde::Serialize)]
struct Checked {
    file: String,
    problems: Vec<String>,
}

fn check(files: &[PathBuf], output: Output) -> anyhow::Result<Exit> {
    let mut checked = Vec::with_capacity(files.len());
    for file in files {
        let problems = problems_of(file)?;
        checked.push(Checked { file: file.display().to_string(), problems });
    }
    let all_good = checked.iter().all(|file| file.problems.is_empty());
    output.value(&checked, || {
        let mut lines = String::new();
        for Checked { file, problems } in &checked {
            if problems.is_empty() {
                lines.push_str(&format!("{file}: good\n"));
            }
            for problem in problems {
                lines.push_str(&format!("{file}: {problem}\n"));
            }
        }
        lines
    })?;
    Ok(if all_good { Exit::Yes } else { Exit::No })
}

/// Everything that is wrong with a file and with the files that it names.
fn problems_of(file: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let base_dir = file.parent().unwrap_or(Path::new(""));
    let is_directory = text.lines().any(|line| line.trim_start().starts_with("[[cities]]"));
    let found = if is_directory {
        DirectoryConfig::parse(&text, base_dir).map(|_| Vec::new())
    } else {
        Config::parse(&text, base_dir).map(|config| config.missing_files())
    };
    let shown = |problems: &[Problem]| problems.iter().map(ToString::to_string).collect();
    Ok(match found {
        Ok(missing) => shown(&missing),
        Err(Problems::Wrong(problems)) => shown(&problems),
        Err(unreadable @ Problems::Unreadable { .. }) => vec![unreadable.to_string()],
    })
}
