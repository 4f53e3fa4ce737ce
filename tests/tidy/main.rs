//! The rules of ARCHITECTURE.md that a program can check.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test of the source reads the source")]
#![expect(clippy::indexing_slicing, reason = "lists whose length was just looked at")]

mod book;
mod canary;
mod circles;
mod cures;
mod engine;
mod environment;
mod manual;
mod names;
mod walkthrough;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned as _;
use syn::visit::Visit;

/// The repository, as cargo says when it runs us: a path from the time of compilation may be of another checkout that shares the
/// target folder.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..")
}

/// The longest file and function, lines; and the length that nine of ten functions keep.
const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const USUAL_FUNCTION_LINES: usize = 30;
/// The README, lines.
const README_LINES: usize = 200;

struct Source {
    /// From the root of the repository.
    path: String,
    text: String,
    syntax: syn::File,
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in ["host", "phase-wasm", "tests"] {
        collect(&root().join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Source { path: path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(), text, syntax }
    };
    let sources: Vec<_> = paths.into_iter().map(read).collect();
    assert!(!sources.is_empty(), "there are sources");
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let (path, kind) = entry.map(|entry| (entry.path(), entry.file_type().unwrap())).unwrap();
        // A link leads to what is seen anyway.
        if kind.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Fails with all complaints at once.
fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn files_are_short() {
    let long = sources().into_iter().map(|source| (source.path, source.text.lines().count()));
    let long = long.filter(|(_, lines)| *lines > FILE_LINES);
    assert_none(long.map(|(path, lines)| format!("{path}: {lines} lines, the limit is {FILE_LINES}")).collect());
}

#[derive(Default)]
struct Functions(Vec<(String, usize)>);

impl Functions {
    fn add(&mut self, name: &syn::Ident, body: &syn::Block) {
        let span = body.span();
        self.0.push((name.to_string(), span.end().line - span.start().line + 1));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig.ident, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig.ident, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }
}

#[test]
fn functions_are_short() {
    let (mut all, mut complaints) = (Vec::new(), Vec::new());
    for source in sources() {
        let mut functions = Functions::default();
        functions.visit_file(&source.syntax);
        for (name, lines) in functions.0 {
            all.push(lines);
            if lines > FUNCTION_LINES {
                complaints.push(format!("{}: `{name}` has {lines} lines, the limit is {FUNCTION_LINES}", source.path));
            }
        }
    }
    assert_none(complaints);
    let short = all.iter().filter(|lines| **lines <= USUAL_FUNCTION_LINES).count();
    assert!(short * 10 >= all.len() * 9, "{short} of {} functions have {USUAL_FUNCTION_LINES} lines or fewer", all.len());
}

#[test]
fn modules_are_named_by_what_is_in_them() {
    let banned = ["utils", "util", "helpers", "helper", "common", "misc", "manager"];
    let stem = |path: &str| Path::new(path).file_stem().unwrap().to_string_lossy().into_owned();
    let bad = sources().into_iter().filter(|source| banned.contains(&stem(&source.path).as_str()));
    assert_none(bad.map(|source| source.path).collect());
}

/// What a module of the host may import from its crate. A neighbour on the same level is not in the list.
fn allowed_imports() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("yaml", &[][..]),
        ("entropy", &[]),
        ("interrupt", &[]),
        ("store", &[]),
        ("artifact", &["store", "yaml"]),
        ("cli", &[]),
        ("config", &["cli", "store", "yaml"]),
        ("component", &["store"]),
        ("cluster", &["interrupt", "yaml"]),
        ("render", &["yaml"]),
        ("schemas", &["config", "render"]),
        ("trust", &[]),
        ("completion", &["cli", "cluster", "config", "render", "store"]),
        ("consent", &["component", "config", "render", "store", "yaml"]),
        ("phase", &["artifact", "cluster", "component", "config", "consent", "errors", "render", "store", "trust"]),
        (
            "session",
            &["cluster", "component", "config", "consent", "entropy", "errors", "interrupt", "phase", "render", "store", "yaml"],
        ),
        ("check", &["cluster", "config", "entropy", "errors", "interrupt", "render", "yaml"]),
        ("errors", &["artifact", "cluster", "component", "config", "consent", "entropy", "trust", "yaml"]),
        (
            "commands",
            &[
                "artifact",
                "check",
                "cluster",
                "completion",
                "component",
                "config",
                "consent",
                "entropy",
                "errors",
                "interrupt",
                "phase",
                "render",
                "session",
                "store",
                "yaml",
            ],
        ),
    ])
}

/// The first segments after `crate` of all paths.
#[derive(Default)]
struct CratePaths(Vec<String>);

impl<'ast> Visit<'ast> for CratePaths {
    fn visit_use_tree(&mut self, tree: &'ast syn::UseTree) {
        if let syn::UseTree::Path(path) = tree
            && path.ident == "crate"
        {
            first_names(&path.tree, &mut self.0);
        }
        syn::visit::visit_use_tree(self, tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut names = path.segments.iter().map(|segment| segment.ident.to_string());
        if names.next().is_some_and(|name| name == "crate") {
            self.0.extend(names.next());
        }
        syn::visit::visit_path(self, path);
    }
}

fn first_names(tree: &syn::UseTree, names: &mut Vec<String>) {
    match tree {
        syn::UseTree::Path(path) => names.push(path.ident.to_string()),
        syn::UseTree::Name(name) => names.push(name.ident.to_string()),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| first_names(tree, names)),
        _ => {}
    }
}

#[test]
fn imports_go_one_way() {
    let allowed = allowed_imports();
    let mut complaints = Vec::new();
    for source in sources() {
        let Some(inner) = source.path.strip_prefix("host/src/") else { continue };
        let module = inner.split(['/', '.']).next().unwrap();
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let Some(may) = allowed.get(module) else {
            complaints.push(format!("{}: say in this test what `{module}` may import", source.path));
            continue;
        };
        let mut paths = CratePaths::default();
        paths.visit_file(&source.syntax);
        let bad = paths.0.into_iter().filter(|name| name != module && !may.contains(&name.as_str()));
        complaints.extend(bad.map(|name| format!("{}: imports `{name}`", source.path)));
    }
    assert_none(complaints);
}

#[test]
fn crates_are_named_where_they_belong() {
    // The crate, and the only places that may name it.
    let homes: [(&str, &[&str]); 10] = [
        ("kube::", &["host/src/cluster/live/"]),
        ("hyper_util::", &["host/src/cluster/live/"]),
        ("tokio::", &["host/src/cluster/live/", "host/src/artifact/registry/"]),
        ("reqwest::", &["host/src/artifact/registry/"]),
        ("docker_credential::", &["host/src/artifact/registry/login.rs"]),
        ("http_auth::", &["host/src/artifact/registry/token.rs"]),
        ("tar::", &["host/src/artifact/archive.rs"]),
        ("wasmtime::", &["host/src/component/", "host/engine/"]),
        ("bindgen!", &["host/src/component/abi/"]),
        ("wit_bindgen::", &["phase-wasm/src/abi.rs"]),
    ];
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.path.starts_with("tests/")) {
        for (name, places) in &homes {
            if source.text.contains(name) && !places.iter().any(|place| source.path.starts_with(place)) {
                complaints.push(format!("{}: names `{name}`", source.path));
            }
        }
    }
    assert_none(complaints);
}

#[test]
fn the_core_is_pure() {
    let banned =
        ["std::env", "std::fs", "std::net", "std::process", "std::io", "std::time::SystemTime", "std::time::Instant", "async "];
    let core = sources().into_iter().filter(|source| source.path.starts_with("host/core/"));
    let bad = core.flat_map(|source| {
        banned
            .iter()
            .filter(|name| source.text.contains(**name))
            .map(|name| format!("{}: `{name}`", source.path))
            .collect::<Vec<_>>()
    });
    assert_none(bad.collect());
}

/// The contracts that a release has, and the digest of their files. The newest one may change until one has it.
const FROZEN: [(&str, &str); 1] = [("0.1.0", "sha256:7f798a7fff7c0e0d190fce87eda26df72456967e482dfe671747af93207e15fc")];

/// What phases were built for stays as it is, to the byte; a change is another version in a folder beside it.
#[test]
fn the_contract_is_frozen() {
    for (version, expected) in FROZEN {
        let folder = root().join("wit").join(version);
        let files = ["phase.wit", "types.wit", "world.wit"].map(|name| std::fs::read(folder.join(name)).unwrap());
        assert_eq!(kubephase_core::digest::Digest::of(&files.concat()).to_string(), expected, "{version}");
    }
}

#[test]
fn everything_in_the_contract_is_documented() {
    let mut resolve = wit_parser::Resolve::default();
    for version in ["0.1.0", "0.2.0"] {
        resolve.push_dir(root().join("wit").join(version)).unwrap();
    }
    let mut complaints = Vec::new();
    let mut check = |docs: &wit_parser::Docs, name: String| {
        if docs.contents.as_ref().is_none_or(|text| text.trim().is_empty()) {
            complaints.push(format!("wit: {name} has no documentation"));
        }
    };
    for (_, world) in &resolve.worlds {
        check(&world.docs, world.name.clone());
    }
    for (_, interface) in &resolve.interfaces {
        let name = interface.name.clone().unwrap_or_default();
        check(&interface.docs, name.clone());
        for function in interface.functions.values() {
            check(&function.docs, format!("{name}.{}", function.name));
        }
    }
    for (_, definition) in resolve.types.iter().filter(|(_, definition)| definition.name.is_some()) {
        let name = definition.name.clone().unwrap();
        let is_alias = matches!(definition.kind, wit_parser::TypeDefKind::Type(_));
        if !is_alias {
            check(&definition.docs, name.clone());
        }
        match &definition.kind {
            wit_parser::TypeDefKind::Record(record) => {
                record.fields.iter().for_each(|field| check(&field.docs, format!("{name}.{}", field.name)));
            }
            wit_parser::TypeDefKind::Variant(variant) => {
                variant.cases.iter().for_each(|case| check(&case.docs, format!("{name}.{}", case.name)));
            }
            wit_parser::TypeDefKind::Enum(cases) => {
                cases.cases.iter().for_each(|case| check(&case.docs, format!("{name}.{}", case.name)));
            }
            _ => {}
        }
    }
    assert_none(complaints);
}

#[test]
fn the_readme_is_short() {
    let lines = std::fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines < README_LINES, "{lines} lines");
}
