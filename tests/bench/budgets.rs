//! Compares what was measured with `budgets.toml`.

use std::collections::BTreeMap;

/// Fails if a figure is above its budget, far below it, or on one side only; says then what the section would have to be.
pub(crate) fn check(section: &str, found: &BTreeMap<&str, u64>) {
    let budgets: toml::Table = toml::from_str(include_str!("budgets.toml")).unwrap();
    let table = section.split('.').fold(&budgets, |table, name| table[name].as_table().unwrap());
    let names: Vec<&str> = table.keys().map(String::as_str).collect();
    assert_eq!(names, found.keys().copied().collect::<Vec<_>>(), "[{section}]");
    let fits = |(name, found): (&&str, &u64)| {
        let most = u64::try_from(table[*name].as_integer().unwrap()).unwrap();
        (most - most / 10..=most).contains(found)
    };
    let lines: Vec<String> = found.iter().map(|(name, found)| format!("\"{name}\" = {found}")).collect();
    assert!(
        found.iter().all(fits),
        "a budget is exceeded, or more than a tenth above what is used\n[{section}]\n{}",
        lines.join("\n")
    );
}
