//! The project builds anywhere: no file names a place on somebody's machine, nor a registry's
//! host, which is the business of whoever configures cargo.

use super::tree::Tree;

/// First folders of paths that exist on one machine only.
const FOLDERS: &[&str] = &["root", "home", "Users", "mnt", "work", "workspace", "builds"];

/// Hosts that tools are configured with, not projects: name and top level, so that this file does
/// not name them either.
const HOSTS: &[(&str, &str)] =
    &[("crates", "io"), ("npmjs", "org"), ("pypi", "org"), ("golang", "org"), ("debian", "org")];

/// The lock file names its source by design; this file has examples of what it looks for.
const EXEMPT: &[&str] = &["Cargo.lock", "xtask/src/tidy/places.rs"];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    for file in tree.all().filter(|file| !EXEMPT.contains(&file.path.as_str())) {
        for (index, line) in file.text.lines().enumerate() {
            let (path, number) = (&file.path, index + 1);
            if let Some(folder) = FOLDERS.iter().find(|folder| names_folder(line, folder)) {
                violations.push(format!("{path}:{number}: a path of one machine: /{folder}/"));
            }
            let mut hosts = HOSTS.iter().map(|(name, top)| format!("{name}.{top}"));
            if let Some(host) = hosts.find(|host| line.contains(host)) {
                violations.push(format!("{path}:{number}: a registry's host: {host}"));
            }
        }
    }
    violations
}

/// Whether an absolute path below the folder begins in the line, not `a/home/b` or `x.org/home/`.
fn names_folder(line: &str, folder: &str) -> bool {
    let path = format!("/{folder}/");
    line.match_indices(&path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "/._-}~*)>".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_one_machine_and_hosts_are_found() {
        let (name, top) = HOSTS[0];
        let text = format!("a = \"/home/me/x\"\nsee /root/.cargo\nurl = https://{name}.{top}/a\n");
        let violations = check(&Tree::of(&[("docs/a.md", &text)]));
        assert_eq!(violations.len(), 3);
    }

    #[test]
    fn relative_paths_addresses_and_other_folders_are_not() {
        let text = "api/home/x.rs https://a.org/home/ $HOME/root/a /var/lib/fd/ ${x}/mnt/\n";
        assert!(check(&Tree::of(&[("docs/a.md", text)])).is_empty());
    }
}
