//! The configuration of a directory: which cities there are and where their nodes are.

use crate::DIRECTORY_REFERENCE;
use crate::checks;
use crate::problem::Problems;
use crate::reader::{Document, Section, opened};
use crate::sections::Log;
use domain::ids::CityNumber;
use domain::money::Currency;
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Everything that a directory is told. Paths are complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DirectoryConfig {
    /// For apps and people.
    pub listen: SocketAddr,
    /// Between two questions to a node whether it is ready.
    pub health_every_ms: u64,
    /// How long a node may take to answer that, or to take a connection.
    pub connect_ms: u64,
    /// How long a node may take to begin its answer.
    pub deadline_ms: u64,
    /// What is said on stderr.
    pub log: Log,
    /// At least one.
    pub cities: Vec<DirectoryCity>,
}

/// One city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DirectoryCity {
    /// As in its nodes' `city.slug`.
    pub slug: String,
    /// The first two bytes of its ids.
    pub number: u16,
    /// As people call it.
    pub name: String,
    /// Of all amounts there.
    pub currency: Currency,
    /// IANA name.
    pub time_zone: String,
    /// GeoJSON of what the city serves.
    pub boundary: PathBuf,
    /// The HTTP APIs of its nodes, as `http://host:port`.
    pub nodes: Vec<String>,
}

impl DirectoryConfig {
    /// Reads a file; its paths are relative to it.
    ///
    /// # Errors
    /// The file cannot be read, or everything that is wrong with it.
    pub fn load(path: &Path) -> Result<Self, Problems> {
        let (text, folder) = opened(path)?;
        Self::parse(&text, &folder)
    }

    /// Reads a text; its paths are relative to `base_dir`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str, base_dir: &Path) -> Result<Self, Problems> {
        let mut config = Document::read(text, DIRECTORY_REFERENCE, Self::read)?;
        for city in &mut config.cities {
            city.boundary = base_dir.join(&city.boundary);
        }
        Ok(config)
    }

    /// The text of a configuration, without comments; reading it gives the same again.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("every value of a configuration is one of TOML")
    }

    fn read(document: &Document, s: &mut Section<'_, '_>) -> Option<Self> {
        let listen = s.required("listen");
        let time = |ms: &u64| (10..=600_000).contains(ms);
        let what = "10 to 600000 milliseconds";
        let health_every_ms = s.checked("health_every_ms", time, what);
        let connect_ms = s.checked("connect_ms", time, what);
        let deadline_ms = s.checked("deadline_ms", time, what);
        let log = s.section("log", Log::read);
        let cities = s.tables("cities", DirectoryCity::read);
        if let Some(cities) = &cities {
            check_cities(document, cities);
        }
        Some(Self {
            listen: listen?,
            health_every_ms: health_every_ms?,
            connect_ms: connect_ms?,
            deadline_ms: deadline_ms?,
            log: log?,
            cities: cities?,
        })
    }
}

impl DirectoryCity {
    /// The city's number, as ids carry it.
    pub fn city_number(&self) -> CityNumber {
        CityNumber(self.number)
    }

    fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let slug = s.text("slug", checks::is_slug, checks::SLUG);
        let number = s.checked("number", |n| *n > 0, "a number from 1 to 65535");
        let name = s.text("name", checks::is_name, "1 to 200 letters");
        let currency = s.required("currency");
        let time_zone = s.text("time_zone", checks::is_zone, checks::ZONE);
        let boundary = s.required("boundary");
        let addresses = |all: &Vec<String>| {
            let mut seen = BTreeSet::new();
            !all.is_empty() && all.iter().all(|node| is_node(node) && seen.insert(node))
        };
        let what = "different addresses, as in http://10.0.0.1:8080, at least one";
        let nodes = s.checked("nodes", addresses, what);
        Some(Self {
            slug: slug?,
            number: number?,
            name: name?,
            currency: currency?,
            time_zone: time_zone?,
            boundary: boundary?,
            nodes: nodes?,
        })
    }
}

fn is_node(address: &str) -> bool {
    let host_port = address.strip_prefix("http://");
    host_port.is_some_and(checks::is_host_port)
}

fn check_cities(document: &Document, cities: &[DirectoryCity]) {
    if cities.is_empty() {
        document.wrong("cities", "at least one");
    }
    let mut slugs = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    for (n, city) in cities.iter().enumerate() {
        if !slugs.insert(&city.slug) {
            document.wrong(&format!("cities[{n}].slug"), "another city has it");
        }
        if !numbers.insert(city.number) {
            document.wrong(&format!("cities[{n}].number"), "another city has it");
        }
    }
}
