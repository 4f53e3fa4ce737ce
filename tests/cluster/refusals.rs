//! Who is refused is told by which command an administrator gives the rights that are missing, and these are enough.

use crate::harness::{Cluster, config, trial};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::Arc;

const TOKEN: &str = "abcdef.0123456789abcdef";

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![trial("refusals::a26_the_command_that_is_named_is_enough", cluster, named)]
}

/// Who is refused pastes what the refusal names to an administrator, and is refused nothing more.
fn named(cluster: &Cluster) {
    let tokens = json!([{ "token": TOKEN, "ttl": "0s" }]);
    let file = cluster.file("refused.yaml", &config("v1beta4", "v1.37.2", &tokens)).to_str().unwrap().to_owned();
    for args in [
        &["delete", "abcdef"][..],
        &["delete", "abcdef", "ghijkl"],
        &["create", "--ttl", "2h", "--description", "a"],
        &["apply", "--control-plane-endpoint", "cp.example.com:6443"],
        &["apply", "--no-token"],
        &["apply", "-f", &file],
    ] {
        cluster.reset();
        cluster.ours_ok(&["create", TOKEN]);
        cluster.ours_ok(&["create", "ghijkl.0123456789abcdef"]);
        let asked = [args, &["--as", "ann"]].concat();
        let refused = cluster.ours(&asked);
        assert_eq!(refused.code, 2, "{args:?}: {}", refused.stderr);
        let command = refused.stderr.split('`').find_map(|word| word.strip_prefix("kubectl bootstrap-token "));
        let command = shlex::split(command.unwrap_or_else(|| panic!("{args:?}: {}", refused.stderr))).unwrap();
        let roles = cluster.ours_ok(&command.iter().map(String::as_str).collect::<Vec<_>>()).stdout;
        let roles = cluster.file("rights-of-ann.yaml", &roles);
        cluster.kubectl(&["apply", "-f", roles.to_str().unwrap()]);
        cluster.ours_ok(&asked);
        cluster.kubectl(&["delete", "-f", roles.to_str().unwrap()]);
    }
}
