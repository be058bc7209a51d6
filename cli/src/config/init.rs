//! A city to begin with, written into one folder.

use super::authority::{Authority, Pair};
use crate::exit::Exit;
use crate::output::Output;
use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster_config::{
    Centre, City, Cluster, Config, DirectoryCity, DirectoryConfig, Feed, Http, KeySource, Limits,
    Log, Member, Node, Notices, Payments, Raft, Secrets, Sinks, Storage, Tls, Webhooks,
};
use domain::money::Currency;
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::OpenOptions;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// From a node's HTTP port to its port for the other nodes.
const RAFT_PORTS: u16 = 1_000;
/// What the city's data is sealed with.
const CITY_KEY_BYTES: usize = 32;
/// Characters of the first operator's password: 100 bits.
const PASSWORD_LETTERS: usize = 20;

const CITY_KEY: &str = "secrets/city-key";
const PASSWORD: &str = "secrets/founder-password";
const CA: &str = "tls/ca.pem";
const CA_KEY: &str = "tls/ca-key.pem";
/// A directory has to have a city; this one only stands in while the defaults are read.
const SOME_DIRECTORY: &str = r#"
[[cities]]
slug = "some"
number = 1
name = "Some"
currency = "EUR"
time_zone = "UTC"
boundary = "some.geojson"
nodes = ["http://127.0.0.1:1"]
"#;
const BOUNDARY: &str = "boundary.geojson";

/// The arguments of `config init`.
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// A folder that is not there yet, or is empty
    dir: PathBuf,
    /// How many nodes begin the city
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=9))]
    nodes: u64,
    /// The port of the directory; node 1 gets the next one, and so on, and 1000 more for the others
    #[arg(long, default_value_t = 8080,
        value_parser = clap::value_parser!(u16).range(1024..=60000))]
    base_port: u16,
    /// No certificates: plain text between the nodes, which is accepted on loopback only
    #[arg(long)]
    plain: bool,
    /// The first two bytes of every id born there
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    city_number: Option<u16>,
    /// The login of the first operator: a mail address or a phone number; its password is made up
    /// and lies in `secrets/founder-password`
    #[arg(long)]
    operator: Option<String>,
    /// The city's short name
    #[arg(long)]
    slug: Option<String>,
    /// The city's name
    #[arg(long)]
    name: Option<String>,
    /// Three capital letters
    #[arg(long)]
    currency: Option<String>,
    /// An IANA name
    #[arg(long)]
    time_zone: Option<String>,
    /// LAT,LNG of the middle
    #[arg(long, allow_hyphen_values = true, value_parser = read_centre)]
    centre: Option<Centre>,
    /// GeoJSON of what the city serves; left out, the sample city's
    #[arg(long)]
    boundary: Option<PathBuf>,
}

/// The arguments of `config join`.
#[derive(Debug, clap::Args)]
pub(crate) struct Join {
    /// A folder that `config init` wrote
    dir: PathBuf,
    /// The node's number, never used before in this city
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    id: u64,
    /// Its HTTP port; 1000 more for the other nodes
    #[arg(long, value_parser = clap::value_parser!(u16).range(1024..=60000))]
    port: u16,
}

fn read_centre(text: &str) -> Result<Centre, String> {
    let degrees = text.split_once(',').and_then(|(lat, lng)| {
        Some(Centre { lat: lat.trim().parse().ok()?, lng: lng.trim().parse().ok()? })
    });
    degrees.ok_or_else(|| "it looks like 43.55,-5.92".to_owned())
}

/// What was written.
#[derive(serde::Serialize)]
struct Written {
    files: Vec<String>,
}

impl Init {
    pub(super) fn run(self, output: Output) -> anyhow::Result<Exit> {
        report(self.write()?, output)
    }

    fn write(&self) -> anyhow::Result<Vec<String>> {
        let city = self.city()?;
        let mut folder = Folder::create(&self.dir)?;
        let authority = if self.plain { None } else { Some(folder.authority(&city.slug)?) };
        folder.secrets()?;
        let login = self.operator.clone();
        let login = login.unwrap_or_else(|| format!("operator@{}.example", city.slug));

        let mut members = Vec::new();
        for (id, port) in (1..=self.nodes).zip(self.base_port + 1..) {
            let [http, raft] = addresses(port).map(|address| address.to_string());
            members.push(Member { id, raft, http });
        }
        for (id, port) in (1..=self.nodes).zip(self.base_port + 1..) {
            let cluster = Cluster { bootstrap: true, members: members.clone() };
            folder.node(&city, id, port, cluster, &login, authority.as_ref())?;
        }
        self.directory(&mut folder, &city, &members)?;
        Ok(folder.written)
    }

    /// The sample city with what was said otherwise.
    fn city(&self) -> anyhow::Result<City> {
        let mut city = City::sample();
        if let Some(number) = self.city_number {
            city.number = number;
        }
        if let Some(slug) = &self.slug {
            city.slug.clone_from(slug);
        }
        if let Some(name) = &self.name {
            city.name.clone_from(name);
        }
        if let Some(currency) = &self.currency {
            city.currency = Currency::try_from(currency.clone())?;
        }
        if let Some(time_zone) = &self.time_zone {
            city.time_zone.clone_from(time_zone);
        }
        if let Some(centre) = self.centre {
            city.centre = centre;
        }
        Ok(city)
    }

    fn directory(
        &self,
        folder: &mut Folder,
        city: &City,
        members: &[Member],
    ) -> anyhow::Result<()> {
        let boundary = match &self.boundary {
            None => cluster_config::SAMPLE_BOUNDARY.to_owned(),
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| path.display().to_string())?
            }
        };
        folder.public(BOUNDARY, &boundary)?;
        let mut config = DirectoryConfig::parse(SOME_DIRECTORY, Path::new(""))?;
        config.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, self.base_port));
        config.cities = vec![DirectoryCity {
            slug: city.slug.clone(),
            number: city.number,
            name: city.name.clone(),
            currency: city.currency,
            time_zone: city.time_zone.clone(),
            boundary: PathBuf::from(BOUNDARY),
            nodes: members.iter().map(|member| format!("http://{}", member.http)).collect(),
        }];
        let text = format!("{}{}", header("fddirectory", "directory.toml"), config.to_toml());
        DirectoryConfig::parse(&text, &folder.root)?;
        folder.public("directory.toml", &text)
    }
}

impl Join {
    pub(super) fn run(self, output: Output) -> anyhow::Result<Exit> {
        report(self.write()?, output)
    }

    fn write(self) -> anyhow::Result<Vec<String>> {
        let mut folder = Folder { root: self.dir, written: Vec::new() };
        let first = Config::load(&folder.root.join("node1.toml"))?;
        let authority = if first.tls.plain_on_loopback {
            None
        } else {
            let path = folder.root.join(CA_KEY);
            let key = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            Some(Authority::of_key(&first.city.slug, &key)?)
        };
        let cluster = Cluster { bootstrap: false, members: Vec::new() };
        let login = &first.secrets.founder_login;
        folder.node(&first.city, self.id, self.port, cluster, login, authority.as_ref())?;
        Ok(folder.written)
    }
}

/// For apps and for the other nodes.
fn addresses(port: u16) -> [SocketAddr; 2] {
    [port, port + RAFT_PORTS].map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

fn header(program: &str, file: &str) -> String {
    let directory = if program == "fddirectory" { " --directory" } else { "" };
    format!(
        "# `{program} --config {file}`; `fdctl config reference{directory}` says what each key \
         means.\n\n"
    )
}

/// The folder of a city, while it is written.
struct Folder {
    root: PathBuf,
    written: Vec<String>,
}

impl Folder {
    fn create(root: &Path) -> anyhow::Result<Self> {
        let is_empty = match std::fs::read_dir(root) {
            Ok(mut there) => there.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        ensure!(is_empty, "{}: there is something already", root.display());
        Ok(Self { root: root.to_owned(), written: Vec::new() })
    }

    fn public(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        self.write(name, text, 0o644)
    }

    fn secret(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        self.write(name, text, 0o600)
    }

    /// Never over a file that is there: it may be the only copy of a key.
    fn write(&mut self, name: &str, text: &str, mode: u32) -> anyhow::Result<()> {
        let path = self.root.join(name);
        let context = || path.display().to_string();
        std::fs::create_dir_all(path.parent().unwrap_or(&self.root)).with_context(context)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        let mut file = options.open(&path).with_context(context)?;
        file.write_all(text.as_bytes()).with_context(context)?;
        self.written.push(path.display().to_string());
        Ok(())
    }

    fn authority(&mut self, slug: &str) -> anyhow::Result<Authority> {
        let (authority, pair) = Authority::new(slug)?;
        self.public(CA, &pair.certificate)?;
        self.secret(CA_KEY, &pair.key)?;
        Ok(authority)
    }

    fn secrets(&mut self) -> anyhow::Result<()> {
        self.secret(CITY_KEY, &format!("{}\n", STANDARD.encode(random::<CITY_KEY_BYTES>()?)))?;
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let password = random::<PASSWORD_LETTERS>()?.map(|byte| LETTERS[usize::from(byte & 31)]);
        self.secret(PASSWORD, &format!("{}\n", String::from_utf8_lossy(&password)))
    }

    fn node(
        &mut self,
        city: &City,
        id: u64,
        port: u16,
        cluster: Cluster,
        founder_login: &str,
        authority: Option<&Authority>,
    ) -> anyhow::Result<()> {
        let mut tls =
            Tls { ca: None, certificate: None, key: None, plain_on_loopback: authority.is_none() };
        if let Some(authority) = authority {
            let Pair { certificate, key } = authority.node(id)?;
            let names = [format!("tls/node{id}.pem"), format!("tls/node{id}-key.pem")];
            self.public(&names[0], &certificate)?;
            self.secret(&names[1], &key)?;
            let [certificate, key] = names.map(|name| Some(PathBuf::from(name)));
            tls = Tls { ca: Some(CA.into()), certificate, key, plain_on_loopback: false };
        }
        let [http, raft] = addresses(port);
        let config = Config {
            city: city.clone(),
            node: Node {
                id,
                data_dir: PathBuf::from(format!("data/node{id}")),
                vault_dir: None,
                http_listen: http,
                http_advertise: http.to_string(),
                raft_listen: raft,
                raft_advertise: raft.to_string(),
            },
            cluster,
            tls,
            secrets: Secrets {
                city_key: KeySource::File(CITY_KEY.into()),
                vault_keys: vec![KeySource::City],
                token_keys: vec![KeySource::City],
                founder_password_file: PASSWORD.into(),
                founder_login: founder_login.to_owned(),
            },
            raft: Raft::default(),
            storage: Storage::default(),
            feed: Feed::default(),
            payments: Payments::default(),
            notices: Notices::default(),
            webhooks: Webhooks::default(),
            sinks: Sinks::default(),
            http: Http::default(),
            limits: Limits::default(),
            log: Log::default(),
        };
        let name = format!("node{id}.toml");
        let text = format!("{}{}", header("fdnode", &name), config.to_toml());
        // What was said on the command line is judged by the same rules as any file.
        Config::parse(&text, &self.root)?;
        self.public(&name, &text)
    }
}

fn report(files: Vec<String>, output: Output) -> anyhow::Result<Exit> {
    let written = Written { files };
    output.value(&written, || written.files.join("\n") + "\n")?;
    Ok(Exit::Yes)
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| anyhow::anyhow!("the system has no random numbers"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(dir: &Path, more: &[&str]) -> Init {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            init: Init,
        }
        let dir = dir.to_str().unwrap();
        let line = ["init", dir].into_iter().chain(more.iter().copied());
        <Line as clap::Parser>::parse_from(line).init
    }

    #[test]
    fn what_is_written_is_good() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("city");
        args(&root, &["--nodes", "3", "--name", "A \"quoted\" city", "--city-number", "7"])
            .write()
            .unwrap();
        Join { dir: root.clone(), id: 4, port: 9000 }.write().unwrap();

        for id in 1..=4 {
            let config = Config::load(&root.join(format!("node{id}.toml"))).unwrap();
            assert_eq!(config.missing_files(), []);
            assert_eq!(config.node.id, id);
            assert_eq!((config.city.number, config.cluster.bootstrap), (7, id < 4));
            assert_eq!(config.city.name, "A \"quoted\" city");
            assert_eq!(config.secrets.founder_login, "operator@marisol.example");
        }
        let directory = DirectoryConfig::load(&root.join("directory.toml")).unwrap();
        assert_eq!(directory.cities[0].nodes.len(), 3);
        assert!(directory.cities[0].boundary.is_file());
        let key = std::fs::read_to_string(root.join(CITY_KEY)).unwrap();
        assert_eq!(STANDARD.decode(key.trim()).unwrap().len(), CITY_KEY_BYTES);
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_for_their_owner() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        args(dir.path(), &["--nodes", "1"]).write().unwrap();
        for name in [CITY_KEY, PASSWORD, CA_KEY, "tls/node1-key.pem"] {
            let mode = std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_city_is_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        args(dir.path(), &["--plain"]).write().unwrap();
        let key = std::fs::read(dir.path().join(CITY_KEY)).unwrap();
        assert!(args(dir.path(), &["--plain"]).write().is_err());
        let join = Join { dir: dir.path().to_owned(), id: 2, port: 9000 };
        assert!(join.write().is_err(), "node 2 is there");
        assert_eq!(std::fs::read(dir.path().join(CITY_KEY)).unwrap(), key);
    }

    #[test]
    fn nonsense_is_refused_before_it_is_a_file() {
        let dir = tempfile::tempdir().unwrap();
        for (n, wrong) in
            [["--slug", "No Slug"], ["--time-zone", "Mars/Olympus"]].iter().enumerate()
        {
            let root = dir.path().join(n.to_string());
            assert!(args(&root, wrong).write().is_err(), "{wrong:?}");
            assert!(!root.join("node1.toml").exists(), "{wrong:?}");
        }
    }
}
