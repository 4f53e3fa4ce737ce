//! Every cure that `check` can print is typed by a trial of the cluster rung: `tests/cluster/check/cures` says by which.

use super::{assert_none, root};
use std::collections::BTreeMap;

#[test]
fn every_cure_is_typed_by_a_trial() {
    let folder = root().join("tests/cluster/check");
    let table = std::fs::read_to_string(folder.join("cures")).unwrap();
    let mut trials: BTreeMap<&str, &str> = table.lines().map(|line| line.split_once(' ').unwrap()).collect();
    let sources = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let sources = sources.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let sources: String = sources.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut complaints = Vec::new();
    for cure in cures() {
        let name = trials.remove(cure.as_str()).unwrap_or_default().trim();
        let last = name.rsplit("::").next().unwrap();
        if ![name, last].iter().any(|name| sources.contains(&format!("\"{name}\""))) {
            complaints.push(format!("no trial of `{name}` types the cure `{cure}`"));
        }
    }
    complaints.extend(trials.into_keys().map(|name| format!("`{name}` is no cure")));
    assert_none(complaints);
}

/// The names of what `cure.rs` hands to its neighbours.
fn cures() -> Vec<String> {
    let path = root().join("host/core/src/join/cure.rs");
    let syntax = syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap();
    let methods = |item: &syn::ItemImpl| {
        let methods = item.items.iter().filter_map(|item| match item {
            syn::ImplItem::Fn(method) if is_handed_on(&method.vis) => Some(method.sig.ident.to_string()),
            _ => None,
        });
        methods.collect::<Vec<_>>()
    };
    let named = syntax.items.iter().flat_map(|item| match item {
        syn::Item::Fn(function) if is_handed_on(&function.vis) => vec![function.sig.ident.to_string()],
        syn::Item::Const(constant) if is_handed_on(&constant.vis) => vec![constant.ident.to_string()],
        syn::Item::Impl(item) => methods(item),
        _ => Vec::new(),
    });
    // A part of two cures.
    named.filter(|name| name != "INFO_PATH").collect()
}

const fn is_handed_on(visibility: &syn::Visibility) -> bool {
    !matches!(visibility, syn::Visibility::Inherited)
}
