//! `cargo xtask tidy`: the rules of the house that no compiler checks. One rule, one file.
//!
//! A rule that is not checked is a wish. Each violation says where it is and what to do instead.

mod documented;
mod functions;
mod layers;
mod length;
mod module_docs;
mod names;
mod owners;
mod places;
mod sleeps;
pub(crate) mod source;
pub(crate) mod tree;

use anyhow::{Result, bail};

use crate::metadata::Metadata;
use tree::Tree;

pub(crate) fn run() -> Result<()> {
    let tree = Tree::read()?;
    let members = Metadata::members_only()?.members();
    let checks: [(&str, Vec<String>); 9] = [
        ("layers", layers::check(&members)),
        ("owners", owners::check(&members)),
        ("names", names::check(&tree)),
        ("module docs", module_docs::check(&tree)),
        ("length", length::check(&tree)),
        ("functions", functions::check(&tree)),
        ("sleeps", sleeps::check(&tree)),
        ("places", places::check(&tree)),
        ("documented", documented::check(&tree)),
    ];
    let mut violations = 0;
    for (name, found) in &checks {
        violations += found.len();
        for violation in found {
            eprintln!("tidy ({name}): {violation}");
        }
    }
    if violations > 0 {
        bail!("{violations} violations of the rules of the house");
    }
    eprintln!("xtask: tidy, {} files, {} rules", tree.all().count(), checks.len());
    Ok(())
}
