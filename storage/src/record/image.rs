//! A picture in all its widths. Key: kind, hash. A column of its own: megabytes, never changed.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::image::{Image, ImageHash};

impl Record for Image {
    type Key = ImageHash;
    const COLUMN: Column = Column::Images;

    fn row(key: ImageHash) -> Row {
        Row::new(Kind::Image).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.images
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use crate::record::{round_trip, samples, unshown};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\86\a4hash\d9 abababababababababababababababab\a5owner\c4\10aaaaaaaaaaaaaaa
            a\a7private\c3\aaclosed_for\c4\10cccccccccccccccc\a8variants\91\83\a5width\cd\01@
            \a9extension\a3jpg\a5bytes\c4\05bytes\a8revision(
        "#]]
        .assert_eq(&round_trip(&samples::image()));
    }
    #[test]
    fn one_of_before_keys_of_others_still_reads() {
        let stored = r#"
            \01\01\85\a4hash\d9 abababababababababababababababab\a5owner\c4\10aaaaaaaaaaaaaaa
            a\a7private\c3\a8variants\91\83\a5width\cd\01@\a9extension\a3jpg\a5bytes\c4\05byt
            es\a8revision(
        "#;
        let read: Image = codec::decode(&unshown(stored)).unwrap();
        assert_eq!(read, Image { closed_for: None, ..samples::image() });
        assert_eq!(read.keyed_to(), read.owner);
    }
}
