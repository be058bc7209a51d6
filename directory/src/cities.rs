//! The cities and their nodes, as the directory sees them at the moment.

use crate::boundaries;
use crate::error::StartError;
use cluster_config::DirectoryCity;
use domain::ids::CityNumber;
use domain::position::Position;
use geo_index::Zones;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// What a node said when it was asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// It takes requests.
    Ready,
    /// It answers, but would rather not: it starts, stops, or has no leader.
    NotReady,
    /// It does not answer.
    Away,
}

/// One node, and how it is.
#[derive(Debug)]
pub(crate) struct CityNode {
    /// `http://host:port`.
    pub(crate) address: String,
    health: AtomicU8,
}

impl CityNode {
    pub(crate) fn health(&self) -> Health {
        match self.health.load(Ordering::Relaxed) {
            READY => Health::Ready,
            NOT_READY => Health::NotReady,
            _ => Health::Away,
        }
    }

    /// Returns how it was before.
    pub(crate) fn is_now(&self, health: Health) -> Health {
        let before = self.health();
        let code = match health {
            Health::Ready => READY,
            Health::NotReady => NOT_READY,
            Health::Away => AWAY,
        };
        self.health.store(code, Ordering::Relaxed);
        before
    }
}

const AWAY: u8 = 0;
const NOT_READY: u8 = 1;
const READY: u8 = 2;

/// One city with its nodes.
#[derive(Debug)]
pub(crate) struct City {
    pub(crate) about: DirectoryCity,
    pub(crate) nodes: Vec<CityNode>,
    turn: AtomicUsize,
}

impl City {
    /// Whom to ask, best first: those that are ready take turns, then those that at least answer.
    pub(crate) fn candidates(&self) -> Vec<&CityNode> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let with = |wanted: Health| self.nodes.iter().filter(move |n| n.health() == wanted);
        let mut ready: Vec<_> = with(Health::Ready).collect();
        if !ready.is_empty() {
            let first = turn % ready.len();
            ready.rotate_left(first);
        }
        ready.extend(with(Health::NotReady));
        ready
    }
}

/// All cities, and which one serves a place.
#[derive(Debug)]
pub(crate) struct Cities {
    pub(crate) all: Vec<City>,
    zones: Zones<usize>,
}

impl Cities {
    /// Reads the boundary of every city.
    ///
    /// # Errors
    /// The first boundary that is wrong.
    pub(crate) fn load(cities: Vec<DirectoryCity>) -> Result<Self, StartError> {
        let mut zones = Vec::new();
        let mut all = Vec::new();
        for about in cities {
            let polygons = match boundaries::load(&about.boundary) {
                Ok(polygons) => polygons,
                Err(why) => {
                    let DirectoryCity { slug, boundary: path, .. } = about;
                    return Err(StartError::Boundary { slug, path, why });
                }
            };
            zones.extend(polygons.into_iter().map(|polygon| (all.len(), polygon)));
            let node = |address: &String| CityNode {
                address: address.clone(),
                health: AtomicU8::new(AWAY),
            };
            let nodes = about.nodes.iter().map(node).collect();
            all.push(City { about, nodes, turn: AtomicUsize::new(0) });
        }
        Ok(Self { all, zones: Zones::new(zones) })
    }

    /// Which city serves a place; where two do, the one that is written first.
    pub(crate) fn at(&self, place: Position) -> Option<&City> {
        self.zones.at(place).first().map(|n| &self.all[**n])
    }

    pub(crate) fn with_slug(&self, slug: &str) -> Option<&City> {
        self.all.iter().find(|city| city.about.slug == slug)
    }

    pub(crate) fn with_number(&self, number: CityNumber) -> Option<&City> {
        self.all.iter().find(|city| city.about.city_number() == number)
    }
}
