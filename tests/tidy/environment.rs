//! What a test shows hangs on nothing of whoever runs it: proxies, a kubeconfig, a locale, folders.

use super::{assert_none, sources};
use syn::spanned::Spanned as _;
use syn::visit::Visit;

/// Programs that find their toolchain, caches and network as the user does, those that start such a program, and one that needs nothing.
const OTHERS: [&str; 8] = [
    r#""CARGO""#,
    r#""cargo""#,
    r#"join("build")"#,
    "formats/prepare",
    "venv/bin/python",
    "SCRIPT, OURS",
    "current_exe()",
    r#""kill""#,
];

/// The lines of each function.
#[derive(Default)]
struct Functions(Vec<(String, std::ops::Range<usize>)>);

impl Functions {
    fn add(&mut self, name: &syn::Ident, body: &syn::Block) {
        self.0.push((name.to_string(), body.span().start().line - 1..body.span().end().line));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig.ident, &function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig.ident, &function.block);
    }
}

#[test]
fn a_program_starts_with_the_environment_that_the_test_names() {
    let (mut started, mut complaints) = (0, Vec::new());
    // A name that this file has would be found in it.
    let start = ["Command", "::new("].concat();
    for source in sources().iter().filter(|source| source.path.starts_with("tests/")) {
        let mut functions = Functions::default();
        functions.visit_file(&source.syntax);
        let lines: Vec<&str> = source.text.lines().collect();
        for (name, range) in functions.0 {
            let text = lines[range].join("\n");
            if !text.contains(&start) || OTHERS.iter().any(|other| text.contains(other)) {
                continue;
            }
            started += 1;
            if !text.contains(".env_clear()") {
                complaints.push(format!("{}: `{name}` starts a program with the environment of whoever runs it", source.path));
            }
        }
    }
    assert!(started > 10, "{started} functions start programs");
    assert_none(complaints);
}
