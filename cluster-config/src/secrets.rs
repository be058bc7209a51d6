//! What must be known to nobody else: files, so that a configuration can be shown around.

use crate::checks;
use crate::reader::Section;
use serde::Serialize;
use std::path::PathBuf;

/// Files that nobody else may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Secrets {
    /// 32 bytes in base64.
    pub city_key_file: PathBuf,
    /// The first wraps the keys of people, all open them; the city's key, if there is none.
    pub vault_key_files: Vec<PathBuf>,
    /// The first signs access tokens, all check them; the city's key, if there is none.
    pub token_key_files: Vec<PathBuf>,
    /// The first operator's.
    pub founder_login: String,
    /// One line.
    pub founder_password_file: PathBuf,
}

impl Secrets {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let city_key_file = s.required("city_key_file");
        let vault_key_files = s.required("vault_key_files");
        let token_key_files = s.required("token_key_files");
        let founder_login = s.text("founder_login", checks::is_name, "1 to 200 letters");
        let founder_password_file = s.required("founder_password_file");
        Some(Self {
            city_key_file: city_key_file?,
            vault_key_files: vault_key_files?,
            token_key_files: token_key_files?,
            founder_login: founder_login?,
            founder_password_file: founder_password_file?,
        })
    }
}
