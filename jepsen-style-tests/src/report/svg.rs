//! A picture in the making: the few shapes that a report draws.

use super::page::escaped;
use std::fmt::Write;

/// A place.
pub(super) type Point = (f64, f64);

/// An SVG that grows. Writing to a text cannot fail.
#[derive(Debug)]
pub(super) struct Svg(String);

impl Svg {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self(format!(r#"<svg viewBox="0 0 {width} {height}" role="img">"#))
    }

    /// A box from its upper left corner; the title shows when the pointer is on it.
    pub(super) fn rect(&mut self, class: &str, (x, y): Point, (wide, tall): Point, title: &str) {
        self.painted_rect(class, "", (x, y), (wide, tall), title);
    }

    /// The same in a colour of its own.
    pub(super) fn painted_rect(
        &mut self,
        class: &str,
        style: &str,
        (x, y): Point,
        (wide, tall): Point,
        title: &str,
    ) {
        let _ = write!(self.0, r#"<rect class="{class}" style="{style}" x="{x:.1}" y="{y:.1}""#);
        let _ = write!(self.0, r#" width="{wide:.1}" height="{tall:.1}" rx="1.5">"#);
        if !title.is_empty() {
            let _ = write!(self.0, "<title>{}</title>", escaped(title));
        }
        self.0 += "</rect>";
    }

    pub(super) fn line(&mut self, class: &str, (x, y): Point, (to_x, to_y): Point) {
        let _ = write!(self.0, r#"<line class="{class}" x1="{x:.1}" y1="{y:.1}""#);
        let _ = write!(self.0, r#" x2="{to_x:.1}" y2="{to_y:.1}"/>"#);
    }

    pub(super) fn dot(&mut self, class: &str, (x, y): Point) {
        let _ = write!(self.0, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="1.6"/>"#);
    }

    /// Words that begin, end or have their `middle` there.
    pub(super) fn text(&mut self, anchor: &str, (x, y): Point, words: &str) {
        let _ = write!(self.0, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">"#);
        let _ = write!(self.0, "{}</text>", escaped(words));
    }

    /// Words on a bar.
    pub(super) fn label(&mut self, (x, y): Point, words: &str) {
        let _ = write!(self.0, r#"<text class="label" x="{x:.1}" y="{y:.1}">"#);
        let _ = write!(self.0, "{}</text>", escaped(words));
    }

    pub(super) fn end(self) -> String {
        self.0 + "</svg>"
    }
}
