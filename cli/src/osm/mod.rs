//! Restaurants, cafés and fast food out of an OpenStreetMap extract.
//!
//! Two passes: the first finds the places and remembers which nodes the buildings are made of, the
//! second looks up where those nodes are. Nothing here knows any one city.

pub(crate) mod hours;
pub(crate) mod profile;

use anyhow::Context;
use domain::position::Position;
use osmpbf::{BlobDecode, BlobReader, Element};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// Has to stand wherever anything made from the map is shown.
pub(crate) const ATTRIBUTION: &str = "(c) OpenStreetMap contributors";

/// Tags as they stand on the map.
pub(crate) type Tags = BTreeMap<String, String>;

/// What somebody can order from. Other values of `amenity` are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Amenity {
    Restaurant,
    Cafe,
    FastFood,
}

impl Amenity {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Restaurant => "restaurant",
            Self::Cafe => "cafe",
            Self::FastFood => "fast_food",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Restaurant, Self::Cafe, Self::FastFood].into_iter().find(|a| a.as_str() == text)
    }
}

/// Which kind of element a place is drawn as; with the number it is its name on the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Node,
    Way,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Way => "way",
        }
    }
}

/// One place on the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: Kind,
    pub(crate) osm_id: i64,
    pub(crate) amenity: Amenity,
    /// Nothing if the extract does not hold the nodes of its building.
    pub(crate) position: Option<Position>,
    pub(crate) tags: Tags,
}

/// What a map holds for us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// By kind and number.
    pub(crate) places: Vec<Place>,
    /// Places drawn as relations, which are left out: a handful in a country.
    pub(crate) relations: u64,
}

/// Reads an extract. `progress` gets the bytes read so far, of both passes together.
///
/// # Errors
/// The file cannot be read, or it is no extract.
pub(crate) fn read(path: &Path, progress: &dyn Fn(u64)) -> anyhow::Result<Places> {
    let bytes = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
    let mut found = Found::default();
    for_each_element(path, progress, |element| found.take(element))?;
    let mut wanted: HashMap<i64, Option<Position>> =
        found.corners().map(|node| (node, None)).collect();
    if !wanted.is_empty() {
        let progress = |done| progress(bytes + done);
        for_each_element(path, &progress, |element| locate(element, &mut wanted))?;
    }
    Ok(found.finish(&wanted))
}

/// Calls `each` for all that the file holds, and `progress` with every block.
fn for_each_element(
    path: &Path,
    progress: &dyn Fn(u64),
    mut each: impl FnMut(Element<'_>),
) -> anyhow::Result<()> {
    let blobs = BlobReader::from_path(path).with_context(|| path.display().to_string())?;
    let mut blocks = 0_u64;
    for blob in blobs {
        let blob = blob.context("this is no OpenStreetMap extract (.osm.pbf)")?;
        blocks += 1;
        progress(blob.offset().map_or(0, |offset| offset.0));
        match blob.decode().with_context(|| format!("block {blocks} of the extract is broken"))? {
            BlobDecode::OsmHeader(_) | BlobDecode::Unknown(_) => {}
            BlobDecode::OsmData(block) => block.for_each_element(&mut each),
        }
    }
    anyhow::ensure!(blocks > 0, "the extract is empty");
    Ok(())
}

/// What the first pass leaves.
#[derive(Default)]
struct Found {
    places: Vec<Place>,
    /// The nodes of each way among the places, by the way's number.
    ways: HashMap<i64, Vec<i64>>,
    relations: u64,
}

impl Found {
    fn take(&mut self, element: Element<'_>) {
        match element {
            Element::Node(node) => {
                let position = position(node.decimicro_lat(), node.decimicro_lon());
                self.push(Kind::Node, node.id(), position, node.tags());
            }
            Element::DenseNode(node) => {
                let position = position(node.decimicro_lat(), node.decimicro_lon());
                self.push(Kind::Node, node.id(), position, node.tags());
            }
            Element::Way(way) => {
                if self.push(Kind::Way, way.id(), None, way.tags()) {
                    self.ways.insert(way.id(), way.refs().collect());
                }
            }
            Element::Relation(relation) => {
                let is_place =
                    |(key, value): (&str, &str)| key == "amenity" && Amenity::read(value).is_some();
                self.relations += u64::from(relation.tags().any(is_place));
            }
        }
    }

    fn push<'a>(
        &mut self,
        kind: Kind,
        osm_id: i64,
        position: Option<Position>,
        tags: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    ) -> bool {
        let amenity = tags.clone().find(|(key, _)| *key == "amenity");
        let Some(amenity) = amenity.and_then(|(_, value)| Amenity::read(value)) else {
            return false;
        };
        let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        self.places.push(Place { kind, osm_id, amenity, position, tags });
        true
    }

    fn corners(&self) -> impl Iterator<Item = i64> + '_ {
        self.ways.values().flatten().copied()
    }

    fn finish(mut self, nodes: &HashMap<i64, Option<Position>>) -> Places {
        for place in &mut self.places {
            if let Some(corners) = self.ways.get(&place.osm_id).filter(|_| place.kind == Kind::Way)
            {
                // A closed outline names its first node twice; it shall not weigh double.
                let once: HashSet<i64> = corners.iter().copied().collect();
                place.position =
                    middle(once.iter().filter_map(|node| nodes.get(node).copied().flatten()));
            }
        }
        // The order of an extract is nobody's promise, and it may hold a place twice.
        self.places.sort_by_key(|place| (place.kind, place.osm_id));
        self.places.dedup_by_key(|place| (place.kind, place.osm_id));
        Places { places: self.places, relations: self.relations }
    }
}

fn locate(element: Element<'_>, wanted: &mut HashMap<i64, Option<Position>>) {
    let (id, found) = match element {
        Element::Node(node) => (node.id(), position(node.decimicro_lat(), node.decimicro_lon())),
        Element::DenseNode(node) => {
            (node.id(), position(node.decimicro_lat(), node.decimicro_lon()))
        }
        Element::Way(_) | Element::Relation(_) => return,
    };
    if let Some(place) = wanted.get_mut(&id) {
        *place = found;
    }
}

fn position(lat_e7: i32, lng_e7: i32) -> Option<Position> {
    Position::from_degrees(f64::from(lat_e7) / 1e7, f64::from(lng_e7) / 1e7).ok()
}

/// The mean of the corners: close enough for a building.
fn middle(corners: impl Iterator<Item = Position>) -> Option<Position> {
    let (mut lat, mut lng, mut count) = (0_i64, 0_i64, 0_i64);
    for corner in corners {
        lat += i64::from(corner.lat_e7);
        lng += i64::from(corner.lng_e7);
        count += 1;
    }
    let mean = |sum: i64| i32::try_from(sum.checked_div(count)?).ok();
    Some(Position { lat_e7: mean(lat)?, lng_e7: mean(lng)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// As much of the format as an extract by hand needs: fields of a protobuf message.
    #[derive(Default)]
    struct Message(Vec<u8>);

    impl Message {
        fn varint(out: &mut Vec<u8>, mut number: u64) {
            while number > 127 {
                out.push((number & 127) as u8 | 128);
                number >>= 7;
            }
            out.push(number as u8);
        }

        fn zigzag(number: i64) -> u64 {
            ((number << 1) ^ (number >> 63)) as u64
        }

        fn number(mut self, field: u64, number: u64) -> Self {
            Self::varint(&mut self.0, field << 3);
            Self::varint(&mut self.0, number);
            self
        }

        fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
            Self::varint(&mut self.0, field << 3 | 2);
            Self::varint(&mut self.0, bytes.len() as u64);
            self.0.extend_from_slice(bytes);
            self
        }

        fn packed(self, field: u64, numbers: impl IntoIterator<Item = u64>) -> Self {
            let mut bytes = Vec::new();
            numbers.into_iter().for_each(|number| Self::varint(&mut bytes, number));
            self.bytes(field, &bytes)
        }
    }

    /// An extract in text: `node ID LAT LNG tags`, `way ID nodes tags`, `relation ID tags`.
    fn extract(text: &str) -> Vec<u8> {
        let mut strings = vec![String::new()];
        let mut group = Message::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut words = line.split_whitespace();
            let kind = words.next().unwrap();
            let id: i64 = words.next().unwrap().parse().unwrap();
            let (tags, plain): (Vec<&str>, Vec<&str>) = words.partition(|word| word.contains('='));
            let (mut keys, mut values) = (Vec::new(), Vec::new());
            for (key, value) in tags.iter().filter_map(|tag| tag.split_once('=')) {
                keys.push(strings.len() as u64);
                values.push(strings.len() as u64 + 1);
                strings.extend([key.to_owned(), value.to_owned()]);
            }
            let (field, id) = match kind {
                "node" => (1, Message::zigzag(id)),
                "way" => (3, id as u64),
                _ => (4, id as u64),
            };
            let mut message = Message::default().number(1, id).packed(2, keys).packed(3, values);
            if kind == "node" {
                let e7 = |at: usize| (plain[at].parse::<f64>().unwrap() * 1e7).round() as i64;
                message = message.number(8, Message::zigzag(e7(0)));
                message = message.number(9, Message::zigzag(e7(1)));
            } else if kind == "way" {
                let nodes: Vec<i64> = plain.iter().map(|node| node.parse().unwrap()).collect();
                let steps =
                    nodes.iter().scan(0, |last, node| Some(node - std::mem::replace(last, *node)));
                message = message.packed(8, steps.map(Message::zigzag));
            }
            group = group.bytes(field, &message.0);
        }
        let table = strings.iter().fold(Message::default(), |m, s| m.bytes(1, s.as_bytes()));
        let block = Message::default().bytes(1, &table.0).bytes(2, &group.0);
        let header = Message::default().bytes(4, b"OsmSchema-V0.6");
        [("OSMHeader", header), ("OSMData", block)]
            .into_iter()
            .flat_map(|(kind, content)| {
                let blob = Message::default().bytes(1, &content.0).0;
                let head =
                    Message::default().bytes(1, kind.as_bytes()).number(3, blob.len() as u64);
                [(head.0.len() as u32).to_be_bytes().to_vec(), head.0, blob].concat()
            })
            .collect()
    }

    fn check(text: &str, expected: Expect) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), extract(text)).unwrap();
        let Places { places, relations } = read(file.path(), &|_| ()).unwrap();
        let mut out = String::new();
        for Place { kind, osm_id, position, tags, .. } in places {
            let at = position.map_or("nowhere".to_owned(), |p| format!("{},{}", p.lat(), p.lng()));
            out.push_str(&format!("{} {osm_id} at {at} {tags:?}\n", kind.as_str()));
        }
        out.push_str(&format!("{relations} relations\n"));
        expected.assert_eq(&out);
    }

    #[test]
    fn nodes_and_buildings_are_found() {
        check(
            "
            node 9 41.1 -8.6 amenity=cafe name=Corner
            node 1 10 20
            node 2 10 20.002
            node 3 10.002 20.002
            node 4 10.002 20
            node 5 12 21 amenity=bank name=Bank
            way 7 1 2 3 4 1 amenity=restaurant name=Square
            way 8 1 2 3 building=yes
            way 6 98 99 amenity=fast_food name=Elsewhere
            relation 3 amenity=restaurant name=Courtyard
            relation 4 type=route
            ",
            expect![[r#"
                node 9 at 41.1,-8.6 {"amenity": "cafe", "name": "Corner"}
                way 6 at nowhere {"amenity": "fast_food", "name": "Elsewhere"}
                way 7 at 10.001,20.001 {"amenity": "restaurant", "name": "Square"}
                1 relations
            "#]],
        );
    }

    #[test]
    fn what_is_no_extract_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for bytes in [&b""[..], b"<osm version='0.6'/>", b"\0\0\0\x05hello"] {
            std::fs::write(file.path(), bytes).unwrap();
            assert!(read(file.path(), &|_| ()).is_err(), "{bytes:?}");
        }
        let mut torn = extract("node 9 41.1 -8.6 amenity=cafe name=Corner");
        torn.truncate(torn.len() - 5);
        std::fs::write(file.path(), torn).unwrap();
        assert!(read(file.path(), &|_| ()).is_err(), "the end is missing");
    }
}
