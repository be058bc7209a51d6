//! Boundaries of cities, out of GeoJSON files.

use crate::limits::BOUNDARY_BYTES;
use domain::position::{Position, PositionError};
use geo_index::GeoError;
use geo_index::Polygon;
use geojson::{GeoJson, Geometry, GeometryValue};
use std::path::Path;

/// Why a file is not a boundary.
#[derive(Debug, thiserror::Error)]
pub enum BoundaryError {
    /// It is not there, cannot be read, or is larger than 64 MiB.
    #[error("it cannot be read")]
    Unreadable(#[source] std::io::Error),
    /// It is not GeoJSON.
    #[error("it is not GeoJSON: {0}")]
    NotGeoJson(String),
    /// A border point is not on Earth.
    #[error("a border point is wrong")]
    Place(#[source] PositionError),
    /// A ring encloses nothing or is too long.
    #[error("a polygon is wrong")]
    Shape(#[source] GeoError),
    /// It holds something that encloses nothing.
    #[error("only Polygon and MultiPolygon are borders, this is a {0}")]
    NoArea(&'static str),
    /// It holds no polygon at all.
    #[error("there is no polygon in it")]
    Empty,
}

/// All polygons of a file.
pub(crate) fn load(path: &Path) -> Result<Vec<Polygon>, BoundaryError> {
    let size = std::fs::metadata(path).map_err(BoundaryError::Unreadable)?.len();
    if size > BOUNDARY_BYTES {
        let why = format!("{size} bytes, at most {BOUNDARY_BYTES}");
        return Err(BoundaryError::Unreadable(std::io::Error::other(why)));
    }
    parse(&std::fs::read_to_string(path).map_err(BoundaryError::Unreadable)?)
}

fn parse(text: &str) -> Result<Vec<Polygon>, BoundaryError> {
    let parsed: Result<GeoJson, _> = text.parse();
    let parsed =
        parsed.map_err(|error: geojson::Error| BoundaryError::NotGeoJson(error.to_string()))?;
    let mut polygons = Vec::new();
    match parsed {
        GeoJson::Geometry(geometry) => add(geometry, &mut polygons)?,
        GeoJson::Feature(feature) => {
            feature.geometry.into_iter().try_for_each(|geometry| add(geometry, &mut polygons))?;
        }
        GeoJson::FeatureCollection(all) => {
            for feature in all.features {
                feature.geometry.into_iter().try_for_each(|shape| add(shape, &mut polygons))?;
            }
        }
    }
    if polygons.is_empty() { Err(BoundaryError::Empty) } else { Ok(polygons) }
}

fn add(geometry: Geometry, polygons: &mut Vec<Polygon>) -> Result<(), BoundaryError> {
    match geometry.value {
        GeometryValue::Polygon { coordinates } => polygons.push(polygon(coordinates)?),
        GeometryValue::MultiPolygon { coordinates } => {
            for rings in coordinates {
                polygons.push(polygon(rings)?);
            }
        }
        GeometryValue::GeometryCollection { geometries } => {
            geometries.into_iter().try_for_each(|geometry| add(geometry, polygons))?;
        }
        GeometryValue::Point { .. } => return Err(BoundaryError::NoArea("Point")),
        GeometryValue::MultiPoint { .. } => return Err(BoundaryError::NoArea("MultiPoint")),
        GeometryValue::LineString { .. } => return Err(BoundaryError::NoArea("LineString")),
        GeometryValue::MultiLineString { .. } => {
            return Err(BoundaryError::NoArea("MultiLineString"));
        }
    }
    Ok(())
}

fn polygon(rings: Vec<Vec<geojson::Position>>) -> Result<Polygon, BoundaryError> {
    let mut rings = rings.into_iter().map(|ring| ring.iter().map(place).collect());
    let outline = rings.next().unwrap_or_else(|| Ok(Vec::new()))?;
    let holes = rings.collect::<Result<_, _>>()?;
    Polygon::new(outline, holes).map_err(BoundaryError::Shape)
}

/// GeoJSON writes the longitude first.
fn place(at: &geojson::Position) -> Result<Position, BoundaryError> {
    let degrees = at.as_slice();
    let axis = |n: usize| degrees.get(n).copied().unwrap_or(f64::NAN);
    Position::from_degrees(axis(1), axis(0)).map_err(BoundaryError::Place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_is_a_boundary() {
        let square = "[[[0,0],[2,0],[2,2],[0,2],[0,0]]]";
        let hole = "[[[0,0],[9,0],[9,9],[0,9]],[[3,3],[5,3],[5,5]]]";
        let texts = [
            cluster_config::SAMPLE_BOUNDARY.to_owned(),
            format!(r#"{{"type":"Polygon","coordinates":{square}}}"#),
            format!(r#"{{"type":"MultiPolygon","coordinates":[{square},{hole}]}}"#),
            format!(
                r#"{{"type":"Feature","properties":null,"geometry":
                    {{"type":"Polygon","coordinates":{hole}}}}}"#
            ),
            r#"{"type":"Feature","properties":null,"geometry":null}"#.to_owned(),
            r#"{"type":"Point","coordinates":[1,2]}"#.to_owned(),
            r#"{"type":"Polygon","coordinates":[]}"#.to_owned(),
            r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}"#.to_owned(),
            r#"{"type":"Polygon","coordinates":[[[0,0],[0,91],[1,91]]]}"#.to_owned(),
            "borders".to_owned(),
        ];
        let mut told = String::new();
        for text in texts {
            told += &match parse(&text) {
                Ok(polygons) => format!("{} polygons\n", polygons.len()),
                Err(error) => format!("{error}\n"),
            };
        }
        expect![[r#"
            1 polygons
            1 polygons
            2 polygons
            1 polygons
            there is no polygon in it
            only Polygon and MultiPolygon are borders, this is a Point
            a polygon is wrong
            a polygon is wrong
            a border point is wrong
            it is not GeoJSON: Error while deserializing GeoJSON: expected value at line 1 column 1
        "#]]
        .assert_eq(&told);
    }
}
