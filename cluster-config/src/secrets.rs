//! What must be known to nobody else. A configuration says where it is, so that it can be shown
//! around.

use crate::checks;
use crate::key_source::KeySource;
use crate::reader::Section;
use serde::Serialize;
use std::path::PathBuf;

/// Where secrets are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Secrets {
    /// 32 bytes in base64.
    pub city_key: KeySource,
    /// The first wraps the keys of people, all open them.
    pub vault_keys: Vec<KeySource>,
    /// The first signs access tokens, all check them.
    pub token_keys: Vec<KeySource>,
    /// The first operator's.
    pub founder_login: String,
    /// One line.
    pub founder_password_file: PathBuf,
}

impl Secrets {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let itself = "this is the city's own: name a file, env:NAME or run:PROGRAM";
        let not_itself = |source: &KeySource| *source != KeySource::City;
        let city_key = s.checked("city_key", not_itself, itself);
        let some = |keys: &Vec<KeySource>| !keys.is_empty();
        let vault_keys = s.checked("vault_keys", some, "at least one key");
        let token_keys = s.checked("token_keys", some, "at least one key");
        let founder_login = s.text("founder_login", checks::is_name, "1 to 200 letters");
        let founder_password_file = s.required("founder_password_file");
        Some(Self {
            city_key: city_key?,
            vault_keys: vault_keys?,
            token_keys: token_keys?,
            founder_login: founder_login?,
            founder_password_file: founder_password_file?,
        })
    }

    /// Every key, by the name that it has in the text.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&'static str, &KeySource)> {
        let vault = self.vault_keys.iter().map(|key| ("secrets.vault_keys", key));
        let token = self.token_keys.iter().map(|key| ("secrets.token_keys", key));
        std::iter::once(("secrets.city_key", &self.city_key)).chain(vault).chain(token)
    }

    /// Reads paths from here.
    pub(crate) fn root(&mut self, base_dir: &std::path::Path) {
        let lists = self.vault_keys.iter_mut().chain(&mut self.token_keys);
        lists.for_each(|key| key.root(base_dir));
        self.city_key.root(base_dir);
        self.founder_password_file = base_dir.join(&self.founder_password_file);
    }
}
