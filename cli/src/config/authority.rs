//! The city's own certificate authority. A certificate of it proves "a member of this city"; which
//! member it is says its DNS name, `node-<id>.<slug>.fd`.

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// How long certificates are good for.
const YEARS: i32 = 10;

/// Signs the certificates of one city.
pub(super) struct Authority {
    slug: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its private key, PEM.
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Authority {
    /// A new one with its own certificate.
    pub(super) fn new(slug: &str) -> anyhow::Result<(Self, Pair)> {
        let key = KeyPair::generate().context("no key for the authority")?;
        let params = params(slug)?;
        let certificate = params.self_signed(&key).context("no certificate")?.pem();
        let pair = Pair { certificate, key: key.serialize_pem() };
        Ok((Self { slug: slug.to_owned(), issuer: Issuer::new(params, key) }, pair))
    }

    /// The one whose key was written before.
    pub(super) fn of_key(slug: &str, key: &str) -> anyhow::Result<Self> {
        let key = KeyPair::from_pem(key).context("the authority's key cannot be read")?;
        Ok(Self { slug: slug.to_owned(), issuer: Issuer::new(params(slug)?, key) })
    }

    /// The certificate of a node, for both ends of a connection.
    pub(super) fn node(&self, id: u64) -> anyhow::Result<Pair> {
        let name = format!("node-{id}.{}.fd", self.slug);
        let mut params = CertificateParams::new(vec![name.clone()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        good_for_years(&mut params);
        let key = KeyPair::generate().context("no key for a node")?;
        let certificate = params.signed_by(&key, &self.issuer).context("no certificate")?.pem();
        Ok(Pair { certificate, key: key.serialize_pem() })
    }
}

/// Everything about the authority but its key: hangs on the city's name alone, so that a later
/// certificate is signed by the same one.
fn params(slug: &str) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name.push(DnType::CommonName, format!("fd city {slug}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    good_for_years(&mut params);
    Ok(params)
}

/// From the first day of this year, so that a clock that is a little behind accepts it too.
fn good_for_years(params: &mut CertificateParams) {
    const YEAR_S: u64 = 31_556_952;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
    let year = 1970 + i32::try_from(since / YEAR_S).unwrap_or(0);
    params.not_before = date_time_ymd(year - 1, 1, 1);
    params.not_after = date_time_ymd(year + YEARS, 12, 31);
}
