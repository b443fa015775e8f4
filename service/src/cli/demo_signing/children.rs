//! Signer nodes as child processes, ended with the demo however it ends.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use solventry::store::files;

use crate::cli::{CliError, print};

/// How long a node may take to begin: the policy circuit's key and a passphrase's hash.
const BEGINNING: Duration = Duration::from_secs(60);

/// The nodes.
pub struct Children {
    program: PathBuf,
    root: PathBuf,
    running: Vec<Option<Child>>,
}

/// The program of a signer node, beside this one.
pub fn signer_program() -> Result<PathBuf, CliError> {
    let own = std::env::current_exe().map_err(|error| CliError::Input(format!("own program: {error}")))?;
    let program = own.with_file_name("solventry-signer");
    if program.is_file() {
        return Ok(program);
    }
    Err(CliError::Input(format!(
        "expected the program of a signer node at {}, found none; run `cargo build --release` first",
        program.display()
    )))
}

impl Children {
    /// None yet.
    pub fn new(program: &Path, root: &Path) -> Self {
        Self { program: program.to_owned(), root: root.to_owned(), running: vec![] }
    }

    /// Makes folders of nodes at free ports; their cards.
    pub fn init(&self, count: usize) -> Result<Vec<String>, CliError> {
        files::write_secret(Path::new("passphrase"), &*files::random_secret()?)?;
        let ports = free_ports(2 * count)?;
        let mut cards = vec![];
        for (number, ports) in (1..=count).zip(ports.chunks(2)) {
            let [link, peer] = ports else { continue };
            let folder = format!("node-{number}");
            let (link, peer) = (format!("127.0.0.1:{link}"), format!("127.0.0.1:{peer}"));
            let (provider, region) = (format!("provider {number}"), format!("region {number}"));
            let words = [
                "init",
                &folder,
                "--name",
                &folder,
                "--provider",
                &provider,
                "--region",
                &region,
                "--jurisdiction",
                &format!("country {number}"),
                "--link",
                &link,
                "--peer",
                &peer,
                "--passphrase-file",
                "passphrase",
            ];
            print(&format!("$ solventry-signer init {folder} --link {link} --peer {peer} ..."));
            let output = self.command(&words).output().map_err(|error| self.failed(&error))?;
            if !output.status.success() {
                return Err(self.failed(&String::from_utf8_lossy(&output.stderr).trim()));
            }
            cards.push(format!("{folder}/card.node"));
        }
        Ok(cards)
    }

    /// Runs all nodes that were made, each with a log beside its folder.
    pub fn run(&mut self, group: &Path) -> Result<(), CliError> {
        let group = group.display().to_string();
        for number in 1.. {
            let folder = format!("node-{number}");
            if !self.root.join(&folder).exists() {
                break;
            }
            print(&format!("$ solventry-signer run {folder} --group {group} &"));
            let child = self.start(&folder, &group)?;
            self.running.push(Some(child));
        }
        Ok(())
    }

    /// Kills a node, by its number from 0, as a lost machine would end.
    pub fn kill(&mut self, number: usize) {
        if let Some(mut child) = self.running.get_mut(number).and_then(Option::take) {
            end(&mut child);
            print(&format!("killed node-{}", number + 1));
        }
    }

    fn start(&self, folder: &str, group: &str) -> Result<Child, CliError> {
        let log =
            File::create(self.root.join(format!("{folder}.log"))).map_err(|error| self.failed(&error))?;
        let words = ["run", folder, "--group", group, "--passphrase-file", "passphrase"];
        let mut command = self.command(&words);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn();
        let mut child = child.map_err(|error| self.failed(&error))?;
        let Some(output) = child.stdout.take() else { return Ok(child) };
        let (ready, listening) = mpsc::channel();
        // Reads to the end, so that the node never waits for a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line.contains("listening on") {
                    let _ = ready.send(()); // nobody waits for a second one
                }
            }
        });
        if listening.recv_timeout(BEGINNING).is_ok() {
            return Ok(child);
        }
        end(&mut child);
        let log = std::fs::read_to_string(self.root.join(format!("{folder}.log"))).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(5).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        Err(self.failed(&format!("{folder} did not begin: {}", last.join("\n"))))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.root).args(words);
        command
    }

    fn failed(&self, problem: &dyn std::fmt::Display) -> CliError {
        CliError::Input(format!("{}: {problem}", self.program.display()))
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.running.iter_mut().flatten().for_each(end);
    }
}

fn end(child: &mut Child) {
    let _ = child.kill(); // it may have ended by itself
    let _ = child.wait();
}

/// Ports that were free a moment ago, all distinct.
fn free_ports(count: usize) -> Result<Vec<u16>, CliError> {
    let failed = |error: std::io::Error| CliError::Input(format!("a free port: {error}"));
    let listeners: Vec<TcpListener> =
        (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>().map_err(failed)?;
    listeners.iter().map(|listener| Ok(listener.local_addr().map_err(failed)?.port())).collect()
}
