//! Every word that the product prints, in two files: a change of words is seen in review as words, not between lines of code.
//! `tests/words/help` is the help as clap renders it, `tests/words/messages` each sentence or part of one in the code.

use super::{Source, assert_none, root, sources};
use kubectl_bootstrap_token::cli::parser;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::fmt::Write as _;
use std::path::Path;

const COLUMNS: usize = 100;
/// The lines of a screen, with the prompt below.
const SCREEN: usize = 50;

/// Compares a file with what it should be; `BLESS=1` writes it.
pub(crate) fn assert_blessed(name: &str, found: &str) {
    let path = root().join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap();
    let lines = |text: &str, sign: char, other: &str| {
        let only = text.lines().filter(|line| !other.lines().any(|beside| beside == *line));
        only.map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    let changed = lines(&expected, '-', found) + &lines(found, '+', &expected);
    assert!(expected == found, "{name} differs; if the words are meant, run again with BLESS=1:\n{changed}");
}

#[test]
fn help() {
    let mut program = parser::command().term_width(COLUMNS);
    program.build();
    let mut text = String::new();
    add_help(&program, &mut text);
    writeln!(text, "======== kubectl bootstrap-token options\n\n{}", kubectl_bootstrap_token::cli::help::options()).unwrap();
    assert_blessed("tests/words/help", &text);
    let screens = text.split("======== ").skip(1).filter(|screen| !screen.starts_with("kubectl bootstrap-token options"));
    let heights =
        screens.map(|screen| screen.trim().split_once("\n\n").unwrap()).map(|(name, help)| (name, help.lines().count()));
    assert_none(heights.filter(|(_, height)| *height > SCREEN).map(|(name, height)| format!("{height} lines: {name}")).collect());
}

/// The help of a command and of those below it. Flags that all commands share are in the first only.
fn add_help(command: &clap::Command, text: &mut String) {
    let path = command.get_bin_name().unwrap_or_default();
    let help = command.clone().render_help();
    let lines: String = help.to_string().lines().map(|line| format!("{}\n", line.trim_end())).collect();
    writeln!(text, "======== {path} --help\n\n{lines}").unwrap();
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        add_help(&below.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg }), text);
    }
}

#[test]
fn messages() {
    let products = ["host/src/", "host/core/src/", "phase-wasm/src/"];
    let product = |source: &Source| products.iter().any(|folder| source.path.starts_with(folder));
    let files: Vec<(String, Words)> =
        sources().into_iter().filter(product).map(|source| (source.path.clone(), Words::of(&source))).collect();
    let tests: Vec<String> = files.iter().flat_map(|(_, words)| words.test_modules.clone()).collect();
    let is_test = |path: &str| {
        tests.iter().any(|module| path.strip_prefix(module.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/')))
    };
    let mut text = String::new();
    for (path, words) in files.iter().filter(|(path, words)| !is_test(path) && !words.sentences.is_empty()) {
        writeln!(text, "== {path}").unwrap();
        for sentence in &words.sentences {
            writeln!(text, "{}", sentence.replace('\n', "\n  ")).unwrap();
        }
        writeln!(text).unwrap();
    }
    assert_blessed("tests/words/messages", &text);
}

/// What is found in the tokens of one file. Tokens and not syntax, since half of all sentences are arguments of macros.
#[derive(Default)]
struct Words {
    sentences: Vec<String>,
    /// Paths of modules that are only compiled for tests, without `.rs`.
    test_modules: Vec<String>,
    /// Where the modules of this file are.
    folder: String,
}

impl Words {
    fn of(source: &Source) -> Self {
        let path = Path::new(&source.path);
        let is_root = ["mod.rs", "lib.rs", "main.rs"].iter().any(|name| path.ends_with(name));
        let folder = if is_root { path.parent().unwrap().to_path_buf() } else { path.with_extension("") };
        let mut words = Self { folder: folder.to_string_lossy().into_owned(), ..Self::default() };
        words.add(source.text.parse().unwrap());
        words
    }

    fn add(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' => {
                    tokens.next_if(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == '!'));
                    let Some(TokenTree::Group(attribute)) = tokens.next_if(|token| matches!(token, TokenTree::Group(_))) else {
                        continue;
                    };
                    match Attribute::of(&attribute) {
                        Attribute::Printed => self.add(attribute.stream()),
                        Attribute::Test => self.pass_item(&mut tokens),
                        Attribute::Other => {}
                    }
                }
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                        self.sentences.extend(Some(text.value()).filter(|text| is_sentence(text)));
                    }
                }
                _ => {}
            }
        }
    }

    /// Passes by an item that is only compiled for tests.
    fn pass_item(&mut self, tokens: &mut impl Iterator<Item = TokenTree>) {
        let mut item = Vec::new();
        for token in tokens {
            let is_last = match &token {
                TokenTree::Punct(sign) => sign.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
            item.push(token);
            if is_last {
                break;
            }
        }
        if let [.., TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Punct(_)] = item.as_slice()
            && word == "mod"
        {
            self.test_modules.push(format!("{}/{name}", self.folder));
        }
    }
}

/// What an attribute means here.
enum Attribute {
    /// It has words that are printed.
    Printed,
    /// What it is of is only compiled for tests.
    Test,
    Other,
}

impl Attribute {
    fn of(attribute: &Group) -> Self {
        let text = attribute.stream().to_string();
        if text.starts_with("error") {
            Self::Printed
        } else if text.starts_with("cfg") && text.contains("test") {
            Self::Test
        } else {
            Self::Other
        }
    }
}

/// Whether a text has words beside what is put into it: a letter and a blank outside of braces. Examples are in the help.
fn is_sentence(text: &str) -> bool {
    if text.starts_with("Examples:") {
        return false;
    }
    let mut depth = 0_usize;
    let outside: String = text
        .chars()
        .filter(|character| {
            depth += usize::from(*character == '{');
            let is_outside = depth == 0;
            depth -= usize::from(*character == '}' && depth > 0);
            is_outside
        })
        .collect();
    outside.contains(' ') && outside.contains(char::is_alphabetic)
}
