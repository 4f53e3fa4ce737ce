//! No circle of files: what a file imports does not import it, over any number of steps.

use super::{Source, assert_none, sources};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::Visit;

/// A module of a crate: the names after `crate`.
type Module = Vec<String>;

/// The paths of all `use` declarations outside of tests.
#[derive(Default)]
struct Uses(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        // A module in the file is a part of the file; one of tests may import what it likes.
        if item.ident != "tests" {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        expand(&item.tree, &[], &mut self.0);
    }
}

fn expand(tree: &syn::UseTree, before: &[String], paths: &mut Vec<Vec<String>>) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        syn::UseTree::Path(path) => expand(&path.tree, &with(&path.ident), paths),
        syn::UseTree::Name(name) => paths.push(with(&name.ident)),
        syn::UseTree::Rename(rename) => paths.push(with(&rename.ident)),
        syn::UseTree::Glob(_) => paths.push(before.to_vec()),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| expand(tree, before, paths)),
    }
}

/// The module of a file.
fn module(path: &str) -> Module {
    let mut names: Module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|name| name == "mod" || name == "lib") {
        names.pop();
    }
    names
}

/// A crate: its modules, and the names that each of them gives on from a module below it.
struct Crate {
    files: BTreeMap<Module, Vec<Vec<String>>>,
}

impl Crate {
    fn read(sources: &[Source], folder: &str) -> Self {
        let inside = sources.iter().filter_map(|source| Some((source.path.strip_prefix(folder)?, source)));
        let inside = inside.filter(|(path, _)| *path != "main.rs" && !path.split(['/', '.']).any(|name| name == "tests"));
        let files = inside.map(|(path, source)| {
            let mut uses = Uses::default();
            uses.visit_file(&source.syntax);
            (module(path), uses.0)
        });
        Self { files: files.collect() }
    }

    /// The file that a path leads to; where a module only gives a name on, the one that it has it from.
    fn file_of(&self, path: &[String]) -> Option<Module> {
        let at = (0..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]))?;
        let (module, rest) = path.split_at(at);
        let given_on = rest.first().and_then(|name| {
            let from = self.files[module].iter().find(|used| used.len() > 1 && used.last() == Some(name))?;
            let below = [module, &from[..1]].concat();
            self.files.contains_key(&below).then_some(below)
        });
        Some(given_on.unwrap_or_else(|| module.to_vec()))
    }

    /// The files that a file imports from its own crate.
    fn imports(&self, module: &Module) -> BTreeSet<Module> {
        let absolute = |used: &Vec<String>| {
            let ups = used.iter().take_while(|name| *name == "super" || *name == "self").count();
            match used.first().map(String::as_str) {
                Some("crate") => Some(used[1..].to_vec()),
                Some("super" | "self") => {
                    let supers = used[..ups].iter().filter(|name| *name == "super").count();
                    Some([&module[..module.len().saturating_sub(supers)], &used[ups..]].concat())
                }
                // A module below, or another crate.
                _ => None,
            }
        };
        let found = self.files[module].iter().filter_map(absolute).filter_map(|path| self.file_of(&path));
        found.filter(|found| found != module).collect()
    }

    /// What can be reached from a file, over any number of imports.
    fn reach(&self, from: &Module, imports: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = left.pop() {
            let new = imports[&module].iter().filter(|next| !seen.contains(*next)).cloned().collect::<Vec<_>>();
            seen.extend(new.iter().cloned());
            left.extend(new);
        }
        seen
    }
}

#[test]
fn no_file_imports_itself_over_others() {
    let sources = sources();
    let mut complaints = Vec::new();
    for folder in ["host/src/", "host/core/src/", "phase-wasm/src/"] {
        let all = Crate::read(&sources, folder);
        let imports: BTreeMap<Module, BTreeSet<Module>> =
            all.files.keys().map(|module| (module.clone(), all.imports(module))).collect();
        let circular = all.files.keys().filter(|module| all.reach(module, &imports).contains(*module));
        complaints.extend(circular.map(|module| format!("{folder}{}: imports {:?}", module.join("/"), imports[module])));
    }
    assert_none(complaints);
}
