//! The name under which serde stores an enum's variant: what the audit chain calls a command.
//!
//! Stored names are never changed, so this is a name that all binaries agree on; and a new command
//! needs no list here.

use serde::Serialize;
use serde::ser::{self, Impossible};
use std::fmt;

/// The variant's name; "unnamed" for a value that is no enum.
pub(crate) fn variant_name<T: Serialize + ?Sized>(value: &T) -> &'static str {
    match value.serialize(NameOnly) {
        Ok(never) => match never {},
        Err(Named(name)) => name.unwrap_or("unnamed"),
    }
}

/// Serializes nothing. The name comes back as the error, before any content is touched.
struct NameOnly;

enum Never {}

#[derive(Debug)]
struct Named(Option<&'static str>);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.unwrap_or("unnamed"))
    }
}

impl std::error::Error for Named {}

impl ser::Error for Named {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

type Content = Impossible<Never, Named>;

macro_rules! unnamed {
    ($($method:ident($($arg:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self, $(_: $arg),*) -> Result<$ok, Named> {
            Err(Named(None))
        })*
    };
}

impl ser::Serializer for NameOnly {
    type Ok = Never;
    type Error = Named;
    type SerializeSeq = Content;
    type SerializeTuple = Content;
    type SerializeTupleStruct = Content;
    type SerializeTupleVariant = Content;
    type SerializeMap = Content;
    type SerializeStruct = Content;
    type SerializeStructVariant = Content;

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Never, Named> {
        Err(Named(Some(variant)))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<Never, Named> {
        Err(Named(Some(variant)))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Content, Named> {
        Err(Named(Some(variant)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Content, Named> {
        Err(Named(Some(variant)))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Never, Named> {
        Err(Named(None))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Never, Named> {
        Err(Named(None))
    }

    unnamed! {
        serialize_bool(bool) -> Never;
        serialize_i8(i8) -> Never;
        serialize_i16(i16) -> Never;
        serialize_i32(i32) -> Never;
        serialize_i64(i64) -> Never;
        serialize_u8(u8) -> Never;
        serialize_u16(u16) -> Never;
        serialize_u32(u32) -> Never;
        serialize_u64(u64) -> Never;
        serialize_f32(f32) -> Never;
        serialize_f64(f64) -> Never;
        serialize_char(char) -> Never;
        serialize_str(&str) -> Never;
        serialize_bytes(&[u8]) -> Never;
        serialize_none() -> Never;
        serialize_unit() -> Never;
        serialize_unit_struct(&'static str) -> Never;
        serialize_seq(Option<usize>) -> Content;
        serialize_tuple(usize) -> Content;
        serialize_tuple_struct(&'static str, usize) -> Content;
        serialize_map(Option<usize>) -> Content;
        serialize_struct(&'static str, usize) -> Content;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Command;
    use domain::account::CloseSession;
    use domain::ids::SessionId;
    use domain::order::RejectReason;

    #[test]
    fn commands_and_reasons_have_names() {
        let command = Command::CloseSession(CloseSession { session_id: SessionId([1; 16]) });
        assert_eq!(variant_name(&command), "CloseSession");
        assert_eq!(variant_name(&domain::Rejection::Banned), "Banned");
        let version = domain::Rejection::VersionChanged { version: 3 };
        assert_eq!(variant_name(&version), "VersionChanged");
        assert_eq!(variant_name(&RejectReason::Busy), "busy");
        assert_eq!(variant_name(&3u8), "unnamed");
    }
}
