//! `docs/man` is the help as manual pages, one for each command. Written here and not by the program, which need not have roff in it.

use super::root;
use kubectl_bootstrap_token::cli::parser;
use std::collections::BTreeMap;

/// `BLESS=1` writes the pages.
#[test]
fn pages_are_those_of_the_help() {
    let mut program = parser::command();
    program.build();
    let mut expected = BTreeMap::new();
    add_page(&program, &program, &mut expected);
    let folder = root().join("docs/man");
    if std::env::var_os("BLESS").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, page) in &expected {
            std::fs::write(folder.join(name), page).unwrap();
        }
        return;
    }
    let found: BTreeMap<String, String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap()))
        .collect();
    let names = expected.keys().chain(found.keys().filter(|name| !expected.contains_key(*name)));
    let differ: Vec<&String> = names.filter(|name| expected.get(*name) != found.get(*name)).collect();
    assert!(differ.is_empty(), "docs/man differs; if the help is meant, run again with BLESS=1: {differ:?}");
}

/// The page of a command and those of the commands below it. Flags that all commands share are on the first page only.
fn add_page(program: &clap::Command, command: &clap::Command, pages: &mut BTreeMap<String, String>) {
    let name = command.get_bin_name().unwrap_or_else(|| program.get_name()).replace([' ', '_'], "-");
    let below = command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set());
    let is_program = std::ptr::eq(program, command);
    // clap keeps names for as long as the process lives.
    let title: &'static str = name.clone().leak();
    let is_shared = |arg: &clap::Arg| arg.is_global_set() && !is_program || arg.get_id() == "help";
    let shown = command.clone().mut_args(|arg| if is_shared(&arg) { arg.hide(true) } else { arg });
    // The date of a page would be that of its last change; without one the pages stay as they are.
    let page = clap_mangen::Man::new(shown.name(title).disable_help_subcommand(true)).date("").source("").manual("kubectl");
    let mut text = Vec::new();
    page.render(&mut text).unwrap();
    pages.insert(format!("{name}.1"), String::from_utf8(text).unwrap());
    for command in below {
        add_page(program, command, pages);
    }
}
