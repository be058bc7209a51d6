//! Where the restaurants of a file are: a city that is made from it has its middle among them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use api::wire::Point;
use osmpbf::{Element, ElementReader};
use serde_json::{Value, json};

/// What the importer takes for a restaurant.
const AMENITIES: [&str; 3] = ["restaurant", "cafe", "fast_food"];
/// People live this far beyond the outermost kitchen, in degrees (about four kilometres).
const MARGIN_DEGREES: f64 = 0.04;

/// Has to stand wherever anything made from the map is shown.
pub const ATTRIBUTION: &str = "map data (c) OpenStreetMap contributors";

/// Where a city lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Half of the restaurants are north of it, half of them east.
    pub centre: Point,
    /// All of them, and the people around, are inside.
    pub south_west: Point,
    /// All of them, and the people around, are inside.
    pub north_east: Point,
}

/// Whether it is an extract of OpenStreetMap.
pub fn is_map(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "pbf")
}

/// Reads the places of the restaurants; their buildings need not be understood for that.
///
/// # Errors
/// The file cannot be read, or nobody cooks there.
pub fn extent_of(file: &Path) -> Result<Extent> {
    let points = match is_map(file) {
        true => map_points(file)?,
        false => line_points(file)?,
    };
    extent(points).with_context(|| format!("there is no restaurant in {}", file.display()))
}

fn map_points(file: &Path) -> Result<Vec<Point>> {
    let reader = ElementReader::from_path(file);
    let reader = reader.with_context(|| format!("cannot read {}", file.display()))?;
    let mut points = Vec::new();
    reader.for_each(|element| {
        let cooks = |(key, value): (&str, &str)| key == "amenity" && AMENITIES.contains(&value);
        match element {
            Element::Node(node) if node.tags().any(cooks) => {
                points.push(Point { lat: node.lat(), lng: node.lon() });
            }
            Element::DenseNode(node) if node.tags().any(cooks) => {
                points.push(Point { lat: node.lat(), lng: node.lon() });
            }
            // Restaurants that are drawn as buildings lie among those that are drawn as points.
            Element::Node(_) | Element::DenseNode(_) | Element::Way(_) | Element::Relation(_) => {}
        }
    })?;
    Ok(points)
}

fn line_points(file: &Path) -> Result<Vec<Point>> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("cannot read {}", file.display()))?;
    let mut points = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Value = serde_json::from_str(line)
            .with_context(|| format!("{}, line {}", file.display(), number + 1))?;
        let point = line.pointer("/restaurant/position").cloned().unwrap_or(Value::Null);
        let point = serde_json::from_value(point);
        points.push(point.with_context(|| format!("no position in line {}", number + 1))?);
    }
    Ok(points)
}

fn extent(points: Vec<Point>) -> Option<Extent> {
    let sorted = |of: fn(&Point) -> f64| {
        let mut all: Vec<_> = points.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let (lats, lngs) = (sorted(|point| point.lat), sorted(|point| point.lng));
    let middle = |all: &[f64]| all.get(all.len() / 2).copied();
    let point = |lat: f64, lng: f64| Point { lat, lng };
    Some(Extent {
        centre: point(middle(&lats)?, middle(&lngs)?),
        south_west: point(lats.first()? - MARGIN_DEGREES, lngs.first()? - MARGIN_DEGREES),
        north_east: point(lats.last()? + MARGIN_DEGREES, lngs.last()? + MARGIN_DEGREES),
    })
}

impl Extent {
    /// The city's boundary, for a directory: a rectangle.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_boundary(&self, to: &Path, slug: &str) -> Result<PathBuf> {
        ensure!(self.south_west.lat < self.north_east.lat, "a city has an inside");
        let (south, west) = (self.south_west.lat, self.south_west.lng);
        let (north, east) = (self.north_east.lat, self.north_east.lng);
        let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
        let geometry = json!({"type": "Polygon", "coordinates": [ring]});
        let feature =
            json!({"type": "Feature", "properties": {"city": slug}, "geometry": geometry});
        let boundary = json!({"type": "FeatureCollection", "features": [feature]});
        std::fs::write(to, boundary.to_string())?;
        Ok(to.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_where_most_cook() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("city.ndjson");
        let lines =
            [(41.15, -8.61), (41.16, -8.60), (41.14, -8.62), (41.15, -8.61), (41.40, -8.30)];
        let text = lines.map(|(lat, lng)| {
            format!("{{\"restaurant\":{{\"position\":{{\"lat\":{lat},\"lng\":{lng}}}}}}}\n\n")
        });
        std::fs::write(&file, text.concat()).unwrap();
        let extent = extent_of(&file).unwrap();
        assert_eq!(extent.centre, Point { lat: 41.15, lng: -8.61 });
        assert!(extent.north_east.lat > 41.40 && extent.south_west.lng < -8.62);
        std::fs::write(&file, "").unwrap();
        assert!(extent_of(&file).is_err());
    }
}
