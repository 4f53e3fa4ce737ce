//! The canary walk fills every string that a phase can say: the contract has no other.
#![expect(clippy::indexing_slicing, reason = "the ids of a contract are of its own table")]

#[path = "../cluster/canary/fields.rs"]
mod fields;

use super::{assert_none, root};
use std::collections::BTreeSet;
use wit_parser::{Resolve, Type, TypeDefKind};

/// The paths of all strings below a type.
fn strings(resolve: &Resolve, at: &str, of: Type, paths: &mut BTreeSet<String>) {
    let Type::Id(id) = of else {
        if of == Type::String {
            paths.insert(at.to_owned());
        }
        return;
    };
    match &resolve.types[id].kind {
        TypeDefKind::Type(of) | TypeDefKind::List(of) | TypeDefKind::Option(of) => strings(resolve, at, *of, paths),
        TypeDefKind::Record(record) => {
            record.fields.iter().for_each(|field| strings(resolve, &format!("{at}.{}", field.name), field.ty, paths));
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().filter_map(|case| Some((&case.name, case.ty?)));
            cases.for_each(|(name, of)| strings(resolve, &format!("{at}.{name}"), of, paths));
        }
        TypeDefKind::Enum(_) | TypeDefKind::Flags(_) => {}
        other => panic!("{at}: {} is new to the walk", other.as_str()),
    }
}

/// What the functions return, by the names of the types.
fn answers(resolve: &Resolve) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut add = |of: Option<Type>| {
        let Some(Type::Id(mut id)) = of else { return };
        while let TypeDefKind::Type(Type::Id(aliased)) = resolve.types[id].kind {
            id = aliased;
        }
        strings(resolve, resolve.types[id].name.as_deref().unwrap(), Type::Id(id), &mut paths);
    };
    for function in resolve.interfaces.iter().flat_map(|(_, interface)| interface.functions.values()) {
        match function.result {
            Some(Type::Id(id)) => match &resolve.types[id].kind {
                TypeDefKind::Result(result) => [result.ok, result.err].into_iter().for_each(&mut add),
                _ => add(function.result),
            },
            _ => add(function.result),
        }
    }
    paths
}

#[test]
fn the_canary_walk_fills_every_string_of_the_contract() {
    let mut resolve = Resolve::default();
    resolve.push_dir(root().join("wit/0.2.0")).unwrap();
    let contract = answers(&resolve);
    assert!(!contract.is_empty(), "the contract has strings");
    let walked: BTreeSet<String> = fields::FIELDS.iter().map(|(field, _)| (*field).to_owned()).collect();
    let missing = contract.difference(&walked).map(|field| format!("wit: the canary walk does not fill {field}"));
    let unknown =
        walked.difference(&contract).map(|field| format!("tests/cluster/canary/fields.rs: {field} is not in the contract"));
    assert_none(missing.chain(unknown).collect());
}
