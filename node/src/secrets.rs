//! Secrets, read once when the node starts: from files, from the environment, or from a program
//! that asks a key service.

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster_config::{Config, KeySource};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a program may take to print a key.
const PROGRAM_WITHIN: Duration = Duration::from_secs(30);
/// How long the end of its output may take, once it has ended.
const REST_WITHIN: Duration = Duration::from_secs(2);
/// How often it is looked whether it has ended.
const PROGRAM_LOOKED_AT: Duration = Duration::from_millis(20);
/// The most that it may print, in bytes: a key is 44.
const PRINTED_BYTES: u64 = 4_096;

/// The city's master key, and the founder's password.
///
/// # Errors
/// Names the one that is not there, or is none.
pub(crate) fn of_city(config: &Config) -> anyhow::Result<([u8; 32], String)> {
    let of = &config.secrets;
    let key = given(&of.city_key).context("secrets.city_key")?;
    let key = key.context("secrets.city_key: the city's key is not its own")?;
    let password = file(&of.founder_password_file)?.trim().to_owned();
    ensure!(password.chars().count() >= 8, "{} is too short", of.founder_password_file.display());
    Ok((key, password))
}

/// A key from where it is said to be; `city` is the one that the city's key gives for this.
///
/// # Errors
/// It is not there, or is no key.
pub(crate) fn key(source: &KeySource, city: &[u8; 32]) -> anyhow::Result<[u8; 32]> {
    Ok(given(source)?.unwrap_or(*city))
}

/// A secret from a file, without the end of its line; nothing if no file is named.
///
/// # Errors
/// The file cannot be read, or is empty.
pub(crate) fn line(path: Option<&PathBuf>) -> anyhow::Result<Option<String>> {
    let Some(path) = path else { return Ok(None) };
    let secret = file(path)?.trim().to_owned();
    ensure!(!secret.is_empty(), "{} is empty", path.display());
    Ok(Some(secret))
}

/// All of a file.
///
/// # Errors
/// Names the file that cannot be read.
pub(crate) fn file(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// Nothing if it is to be made from the city's.
fn given(source: &KeySource) -> anyhow::Result<Option<[u8; 32]>> {
    let text = match source {
        KeySource::City => return Ok(None),
        KeySource::File(path) => file(path)?,
        KeySource::Variable(name) => {
            std::env::var(name).ok().with_context(|| format!("there is no text in ${name}"))?
        }
        KeySource::Program { program, arguments } => {
            printed(program, arguments).with_context(|| format!("asking {source}"))?
        }
    };
    let key = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    // What was there instead is not told: it may be a key of something else.
    let key = key.with_context(|| {
        format!("{source} gives no 32 bytes in base64 (fdctl config init makes some)")
    })?;
    Ok(Some(key))
}

/// What a program prints. What it complains of is the node's own complaint.
fn printed(program: &Path, arguments: &[String]) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().context("it has no output")?;
    let (tell, told) = mpsc::channel();
    // A program that prints without end must not fill the memory, nor wait for a reader for ever.
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.take(PRINTED_BYTES).read_to_string(&mut text).map(|_| text);
        // Whoever has asked may have given up.
        let _ = tell.send(read);
    });
    let ended = within(&mut child, PROGRAM_WITHIN)?;
    ensure!(ended.success(), "it has failed: {ended}");
    // What it has started itself may keep its output open, and say nothing more.
    let text = told.recv_timeout(REST_WITHIN).context("its output does not end")?;
    Ok(text?)
}

fn within(child: &mut Child, most: Duration) -> anyhow::Result<std::process::ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(ended) = child.try_wait()? {
            return Ok(ended);
        }
        if started.elapsed() > most {
            child.kill()?;
            child.wait()?;
            bail!("it did not end within {} s", most.as_secs());
        }
        std::thread::sleep(PROGRAM_LOOKED_AT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 32 times the byte 7.
    const SEVENS: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

    fn read(source: &str) -> anyhow::Result<[u8; 32]> {
        key(&source.parse()?, &[1; 32])
    }

    #[test]
    fn a_key_is_where_it_is_said_to_be() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        std::fs::write(&path, format!("{SEVENS}\n")).unwrap();
        let path = path.display();
        assert_eq!(read("city").unwrap(), [1; 32]);
        assert_eq!(read(&format!("{path}")).unwrap(), [7; 32]);
        assert_eq!(read(&format!("run:cat {path}")).unwrap(), [7; 32]);
        assert_eq!(read(&format!("run:/bin/cat -- {path}")).unwrap(), [7; 32]);
    }

    #[test]
    fn what_is_no_key_is_named_and_not_told() {
        let told = |source: &str| format!("{:#}", read(source).unwrap_err());
        let no_key = "run:echo hunter2 gives no 32 bytes in base64 (fdctl config init makes some)";
        assert_eq!(told("run:echo hunter2"), no_key);
        assert_eq!(told("env:FD_NO_SUCH_KEY"), "there is no text in $FD_NO_SUCH_KEY");
        let failed = told("run:false");
        assert!(failed.starts_with("asking run:false: it has failed: exit status: 1"), "{failed}");
        assert!(told("run:/no/such/program").starts_with("asking run:/no/such/program: "));
        assert!(told("/no/such/file").starts_with("reading /no/such/file: "));
    }

    #[test]
    fn a_program_has_an_end() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let late = within(&mut child, Duration::from_millis(1)).unwrap_err();
        assert_eq!(late.to_string(), "it did not end within 0 s");
        assert!(child.try_wait().unwrap().is_some(), "it runs no more");
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("agent");
        std::fs::write(&script, "sleep 5 2>&1 &\necho hello\n").unwrap();
        let script = script.display().to_string();
        let left_open = printed(Path::new("sh"), &[script]).unwrap_err();
        assert_eq!(left_open.to_string(), "its output does not end");
        let endless = printed(Path::new("yes"), &[]).unwrap_err();
        assert!(endless.to_string().starts_with("it has failed: signal: 13"), "{endless}");
    }
}
