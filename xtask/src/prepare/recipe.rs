//! How RocksDB is compiled: the flags and sources of librocksdb-sys's own build script.
//!
//! This is a copy by hand of what that `build.rs` does for `bindgen-runtime` + `lz4` on Linux, so
//! it holds for one version only. Another version is built the crate's plain way until somebody
//! has compared the two and moved `WRITTEN_FOR`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The version whose `build.rs` the constants below repeat.
pub(crate) const WRITTEN_FOR: &str = "0.19.0+11.8.1";

/// The features the constants below repeat; any other set needs other defines.
const FEATURES: &[&str] = &["bindgen-runtime", "lz4", "static"];

/// Sources in one translation unit: their headers, most of the work, are then parsed once.
/// With 12 no two sources of a unit define the same name; larger units save little more.
const SOURCES_PER_UNIT: usize = 12;

/// No `-g`: with debug info the archive is thirty times as large and nobody reads it.
const FLAGS: &[&str] = &[
    "-O2",
    "-fPIC",
    "-ffunction-sections",
    "-fdata-sections",
    "-w",
    "-std=c++20",
    "-include",
    "cstdint",
];

const DEFINES: &[&str] = &[
    "LZ4=1",
    "NDEBUG=1",
    "HAVE_ALIGNED_NEW",
    "HAVE_UINT128_EXTENSION",
    "OS_LINUX",
    "ROCKSDB_PLATFORM_POSIX",
    "ROCKSDB_LIB_IO_POSIX",
    "ROCKSDB_SCHED_GETCPU_PRESENT",
    "ROCKSDB_AUXV_GETAUXVAL_PRESENT",
    "ROCKSDB_FALLOCATE_PRESENT",
    "ROCKSDB_RANGESYNC_PRESENT",
];

/// Include folders below the crate, in the order of its build script.
const INCLUDES: &[&str] =
    &["rocksdb/include", "rocksdb", "rocksdb/third-party/gtest-1.8.1/fused-src"];

/// Where the sources lie on this machine, as cargo unpacked them.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) version: String,
    pub(crate) features: Vec<String>,
    pub(crate) rocksdb: PathBuf,
    pub(crate) lz4: PathBuf,
}

impl Sources {
    /// Says no, with the reason, where this recipe is not known to give what the crate would.
    pub(crate) fn check(&self) -> Result<()> {
        if self.version != WRITTEN_FOR {
            bail!("librocksdb-sys {} is not the {WRITTEN_FOR} known here", self.version);
        }
        // `lz4-sys` is the implicit feature of an optional dependency that `lz4` switches on.
        let unknown = |name: &&String| name.as_str() != "lz4-sys" && !known_feature(name);
        if let Some(name) = self.features.iter().find(unknown) {
            bail!("feature `{name}` of librocksdb-sys is not known here");
        }
        if !self.features.iter().any(|name| name == "lz4") {
            bail!("feature `lz4` of librocksdb-sys is off, the known build has it on");
        }
        if !cfg!(all(target_os = "linux", target_pointer_width = "64")) {
            bail!("the known build is for 64-bit Linux");
        }
        Ok(())
    }

    /// The flags that matter for the result, so without the paths of this machine.
    pub(crate) fn portable_flags() -> Vec<String> {
        let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
        flags.extend(cpu_flags(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default()));
        flags.extend(DEFINES.iter().map(|define| format!("-D{define}")));
        flags
    }

    /// All flags, with the include paths.
    pub(crate) fn flags(&self) -> Vec<String> {
        let mut flags = Self::portable_flags();
        let below = INCLUDES.iter().map(|folder| self.rocksdb.join(folder));
        let include = below.chain([self.lz4.join("liblz4/lib"), self.rocksdb.clone()]);
        flags.extend(include.map(|folder| format!("-I{}", folder.display())));
        flags
    }

    /// The sources, grouped into translation units.
    pub(crate) fn units(&self) -> Result<Vec<Vec<PathBuf>>> {
        let list = self.rocksdb.join("rocksdb_lib_sources.txt");
        let list =
            fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
        Ok(group(&self.rocksdb, &list))
    }
}

fn known_feature(name: &str) -> bool {
    FEATURES.contains(&name) || name == "default"
}

fn group(root: &Path, list: &str) -> Vec<Vec<PathBuf>> {
    let listed = list.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut sources: Vec<PathBuf> = listed
        // The crate brings a generated one of its own.
        .filter(|source| *source != "util/build_version.cc")
        .map(|source| root.join("rocksdb").join(source))
        .collect();
    sources.push(root.join("build_version.cc"));
    sources.chunks(SOURCES_PER_UNIT).map(<[PathBuf]>::to_vec).collect()
}

/// Checksums in hardware, where the processor has it: every block read pays for them.
fn cpu_flags(cpuinfo: &str) -> Vec<String> {
    let has = |name: &str| {
        let features = |line: &&str| line.starts_with("flags") || line.starts_with("Features");
        let line = cpuinfo.lines().find(features).unwrap_or_default();
        line.split_whitespace().any(|feature| feature == name)
    };
    let flags: &[&str] = if cfg!(target_arch = "x86_64") && has("sse4_2") && has("pclmulqdq") {
        &["-msse4.2", "-mpclmul"]
    } else if cfg!(target_arch = "aarch64") && has("crc32") && has("aes") {
        &["-march=armv8-a+crc+aes+crypto"]
    } else {
        &[]
    };
    flags.iter().map(|&flag| flag.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_own_build_version_replaces_the_listed_one() {
        let list = "cache/cache.cc\nutil/build_version.cc\n\n  util/crc32c.cc\n";
        let units = group(Path::new("/c"), list);
        let expected = ["/c/rocksdb/cache/cache.cc", "/c/rocksdb/util/crc32c.cc"];
        let expected = expected.into_iter().chain(["/c/build_version.cc"]).map(PathBuf::from);
        assert_eq!(units, [expected.collect::<Vec<_>>()]);
    }

    #[test]
    fn twelve_sources_make_a_unit() {
        let list: String = (0..30).map(|n| format!("db/{n}.cc\n")).collect();
        let sizes: Vec<usize> = group(Path::new("/c"), &list).iter().map(Vec::len).collect();
        assert_eq!(sizes, [12, 12, 7]);
    }

    #[test]
    fn an_unknown_version_or_feature_is_refused() {
        let sources = |version: &str, features: &[&str]| Sources {
            version: version.to_owned(),
            features: features.iter().map(|&name| name.to_owned()).collect(),
            rocksdb: PathBuf::new(),
            lz4: PathBuf::new(),
        };
        assert!(sources("0.20.0+12", &["lz4"]).check().is_err());
        assert!(sources(WRITTEN_FOR, &["lz4", "zstd"]).check().is_err());
        assert!(sources(WRITTEN_FOR, &["bindgen-runtime"]).check().is_err());
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn hardware_checksums_only_where_the_processor_has_them() {
        assert_eq!(cpu_flags("flags : fpu sse4_2 pclmulqdq"), ["-msse4.2", "-mpclmul"]);
        assert!(cpu_flags("flags : fpu sse4_2").is_empty());
        assert!(cpu_flags("").is_empty());
    }
}
