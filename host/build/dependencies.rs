//! What the phase is built of, as cargo-auditable writes it into programs: a section for those who look for known vulnerabilities.
//!
//! Written here and not by cargo-auditable, which not every build has: with it, the phase of a release would have another digest than the
//! same phase built without.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

/// The name of the section.
const NAME: &str = ".dep-v0";

/// What cargo says of a package.
#[derive(Default)]
struct Package {
    source: &'static str,
    is_in_the_component: bool,
    /// Names and versions.
    dependencies: Vec<String>,
}

/// The custom section with the dependencies of a package, to be put at the end of its component.
pub(super) fn section(cargo: impl Fn() -> Command, package: &str, target: &str) -> Vec<u8> {
    let tree = |edges: &str| {
        let output = cargo()
            .args(["tree", "--locked", "--package", package, "--target", target, "--edges", edges])
            .args(["--prefix", "depth", "--no-dedupe", "--format", " {p}"])
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("cargo writes UTF-8")
    };
    let packages = packages(&tree("normal,build"), &tree("normal,no-proc-macro"));
    let data = miniz_oxide::deflate::compress_to_vec_zlib(json(&packages, package).as_bytes(), 9);
    let name = [&length(NAME.len())[..], NAME.as_bytes()].concat();
    [&[0], &length(name.len() + data.len())[..], &name, &data].concat()
}

/// The packages by name and version, of a tree of all that the build needs and of one of what is in the component. A line is the depth, a
/// name, a version, and the path of a package that is here.
fn packages(all: &str, component: &str) -> BTreeMap<String, Package> {
    let mut packages = BTreeMap::<String, Package>::new();
    let mut above = Vec::<String>::new();
    for line in all.lines() {
        let (depth, id) = split(line);
        let package = packages.entry(id.clone()).or_default();
        package.source = if line.contains('/') { "local" } else { "crates.io" };
        above.truncate(depth);
        if let Some(parent) = above.last() {
            let parent = packages.get_mut(parent).expect("it was in an earlier line");
            if !parent.dependencies.contains(&id) {
                parent.dependencies.push(id.clone());
            }
        }
        above.push(id);
    }
    for line in component.lines() {
        packages.get_mut(&split(line).1).expect("the larger tree has it").is_in_the_component = true;
    }
    packages
}

/// The depth, and the name with the version.
fn split(line: &str) -> (usize, String) {
    let mut words = line.split(' ');
    let depth = words.next().and_then(|depth| depth.parse().ok()).expect("cargo tree writes a depth");
    let (name, version) = (words.next().expect("a name"), words.next().expect("a version"));
    (depth, format!("{name} {}", version.trim_start_matches('v')))
}

/// The document of cargo-auditable. Names and versions have no character that JSON would have to escape.
fn json(packages: &BTreeMap<String, Package>, root: &str) -> String {
    let mut text = String::from("{\"packages\":[");
    for (at, (id, package)) in packages.iter().enumerate() {
        let (name, version) = id.split_once(' ').expect("made of both");
        let mut dependencies: Vec<usize> =
            package.dependencies.iter().filter_map(|id| packages.keys().position(|key| key == id)).collect();
        dependencies.sort_unstable();
        let comma = if at == 0 { "" } else { "," };
        write!(text, "{comma}{{\"name\":\"{name}\",\"version\":\"{version}\",\"source\":\"{}\"", package.source)
            .expect("a string");
        if !package.is_in_the_component {
            text.push_str(",\"kind\":\"build\"");
        }
        if !dependencies.is_empty() {
            write!(text, ",\"dependencies\":{dependencies:?}").expect("a string");
        }
        text.push_str(if name == root { ",\"root\":true}" } else { "}" });
    }
    // Format 1: what only macros need is marked as of the build.
    text + "],\"format\":1}"
}

/// A length in LEB128, as in WebAssembly.
fn length(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while length >= 0x80 {
        bytes.push(0x80 | (length & 0x7f) as u8);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes
}
