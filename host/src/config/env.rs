//! All environment variables that the plugin reads.

use super::error::ConfigError;
use kubephase_core::address::Address;
use kubephase_core::connection::{Environment, Kuberc, TraceParent};
use std::path::{Path, PathBuf};

/// The environment of the process or of a test.
pub trait Env {
    /// The value of a variable; `None` if it is unset or not Unicode.
    fn get(&self, name: &str) -> Option<String>;
}

impl dyn Env + '_ {
    /// The value of the first of these variables that is set and not empty.
    pub fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().filter_map(|name| self.get(name)).find(|value| !value.is_empty())
    }
}

/// The environment of the process.
#[derive(Debug)]
pub struct ProcessEnv;

impl Env for ProcessEnv {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// Whether colours may be used on a terminal: not with `NO_COLOR` (no-color.org), and not on a dumb terminal.
pub fn has_colours(env: &dyn Env) -> bool {
    env.first(&["NO_COLOR"]).is_none() && env.get("TERM").is_none_or(|term| term != "dumb")
}

/// The kubeconfig on a control plane node (kubeadm's `app/cmd/util/cmdutil.go`, `GetKubeConfigPath`).
const ADMIN_CONF: &str = "/etc/kubernetes/admin.conf";

/// The files in `KUBECONFIG`; `~/.kube/config` if it is not set, and where that does not exist either the one that kubeadm uses.
pub(super) fn kubeconfig_files(env: &dyn Env) -> Vec<PathBuf> {
    match env.first(&["KUBECONFIG"]) {
        Some(list) => std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect(),
        None => kubeconfig_of(home(env).map(|home| home.join(".kube/config")), PathBuf::from(ADMIN_CONF)),
    }
}

fn kubeconfig_of(user: Option<PathBuf>, node: PathBuf) -> Vec<PathBuf> {
    match user {
        Some(path) if path.exists() => vec![path],
        _ if is_readable(&node) => vec![node],
        user => user.into_iter().collect(),
    }
}

/// Whoever may not read it is an ordinary user on that machine.
fn is_readable(path: &Path) -> bool {
    #[expect(clippy::disallowed_types, reason = "whether there is a kubeconfig")]
    std::fs::File::open(path).is_ok()
}

/// The index of this pod in an indexed Job, as the Job controller sets it (`batch/v1`, `JOB_COMPLETION_INDEX`).
pub(super) fn job_index(env: &dyn Env) -> Option<String> {
    env.first(&["JOB_COMPLETION_INDEX"])
}

/// The folder for compiled phases; `None` without a home.
pub(super) fn code_cache_folder(env: &dyn Env) -> Option<PathBuf> {
    cache_folder(env).map(|folder| folder.join("code"))
}

/// The plugin's folder in `XDG_CACHE_HOME`, by default `~/.cache`; `None` without a home.
pub(super) fn cache_folder(env: &dyn Env) -> Option<PathBuf> {
    let base = env.first(&["XDG_CACHE_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| home(env).map(|home| home.join(".cache")))?.join("kubectl-bootstrap-token"))
}

/// The plugin's folder in `XDG_CONFIG_HOME`, by default `~/.config`; `None` without a home.
pub(super) fn config_folder(env: &dyn Env) -> Option<PathBuf> {
    let base = env.first(&["XDG_CONFIG_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| home(env).map(|home| home.join(".config")))?.join("kubectl-bootstrap-token"))
}

/// The plugin's folder in `XDG_STATE_HOME`, by default `~/.local/state`; `None` without a home.
pub(super) fn state_folder(env: &dyn Env) -> Option<PathBuf> {
    let base = env.first(&["XDG_STATE_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| home(env).map(|home| home.join(".local/state")))?.join("kubectl-bootstrap-token"))
}

/// The plugin's folder in `XDG_DATA_HOME`, by default `~/.local/share`; `None` without a home.
pub(super) fn data_folder(env: &dyn Env) -> Option<PathBuf> {
    let base = env.first(&["XDG_DATA_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| home(env).map(|home| home.join(".local/share")))?.join("kubectl-bootstrap-token"))
}

/// The files in which docker and podman keep logins: only the one in `REGISTRY_AUTH_FILE`, or docker's (`DOCKER_CONFIG`,
/// `~/.docker`) and podman's (`XDG_RUNTIME_DIR`).
pub(super) fn login_files(env: &dyn Env) -> Vec<PathBuf> {
    if let Some(file) = env.first(&["REGISTRY_AUTH_FILE"]) {
        return vec![PathBuf::from(file)];
    }
    let docker = env.first(&["DOCKER_CONFIG"]).map(PathBuf::from).or_else(|| Some(home(env)?.join(".docker")));
    let podman = env.first(&["XDG_RUNTIME_DIR"]).map(|folder| PathBuf::from(folder).join("containers/auth.json"));
    docker.map(|folder| folder.join("config.json")).into_iter().chain(podman).collect()
}

/// The file of `--kuberc`, `KUBERC` or `~/.kube/kuberc`, unless kuberc is turned off (`kubectl/pkg/kuberc`).
///
/// # Errors
/// [`ConfigError`] if `--kuberc` names a file while `KUBERC=off`.
pub(super) fn kuberc(flag: Option<PathBuf>, env: &dyn Env) -> Result<Kuberc, ConfigError> {
    let variable = env.first(&["KUBERC"]);
    let is_off = variable.as_deref() == Some("off");
    match flag.filter(|path| !path.as_os_str().is_empty()) {
        _ if env.get("KUBECTL_KUBERC").as_deref() == Some("false") => Ok(Kuberc::Off),
        Some(path) if is_off => {
            let (value, rule) = (path.display().to_string(), "cannot be combined with KUBERC=off");
            Err(ConfigError::Flag { flag: "--kuberc", value, rule })
        }
        Some(path) => Ok(Kuberc::Flag(path)),
        None if is_off => Ok(Kuberc::Off),
        None => Ok(match (variable, home(env)) {
            (Some(path), _) => Kuberc::Variable(PathBuf::from(path)),
            (None, Some(home)) => Kuberc::Home(home.join(".kube/kuberc")),
            (None, None) => Kuberc::Off,
        }),
    }
}

/// The environment variables for API server connections, as client-go reads them.
pub(super) fn of_connections(env: &dyn Env) -> Environment {
    let (https_proxy, no_proxy) = proxies(env);
    let address = |text: Option<String>| text.as_deref().map(Address::of);
    Environment {
        https_proxy: address(https_proxy),
        http_proxy: address(env.first(&["HTTP_PROXY", "http_proxy"])),
        no_proxy,
        service_host: env.first(&["KUBERNETES_SERVICE_HOST"]),
        master: address(env.first(&["KUBERNETES_MASTER"])),
        path: env.get("PATH"),
        trace: env.first(&["TRACEPARENT"]).as_deref().and_then(TraceParent::parse),
    }
}

/// The values of `HTTPS_PROXY` and `NO_PROXY`.
pub(super) fn proxies(env: &dyn Env) -> (Option<String>, Option<String>) {
    (env.first(&["HTTPS_PROXY", "https_proxy"]), env.first(&["NO_PROXY", "no_proxy"]))
}

/// The file in `KUBECTL_BOOTSTRAP_TOKEN_CONFIG`, by default `config.yaml` in the plugin's folder.
pub(super) fn config_file(env: &dyn Env) -> Option<PathBuf> {
    let given = env.first(&["KUBECTL_BOOTSTRAP_TOKEN_CONFIG"]).map(PathBuf::from);
    given.or_else(|| Some(config_folder(env)?.join("config.yaml")))
}

/// The value of `HOME`, or of `USERPROFILE` on Windows.
fn home(env: &dyn Env) -> Option<PathBuf> {
    env.first(&["HOME", "USERPROFILE"]).map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::{Env, has_colours, kubeconfig_files, login_files};
    use std::path::PathBuf;

    struct One(&'static str, &'static str);

    impl Env for One {
        fn get(&self, name: &str) -> Option<String> {
            (name == self.0).then(|| self.1.to_owned())
        }
    }

    #[test]
    fn colours_can_be_declined() {
        for (name, value, expected) in [
            ("TERM", "xterm", true),
            ("TERM", "dumb", false),
            ("NO_COLOR", "1", false),
            // An empty value counts as unset.
            ("NO_COLOR", "", true),
        ] {
            assert_eq!(has_colours(&One(name, value)), expected, "{name}={value}");
        }
    }

    struct Several<'a>(&'a [(&'a str, &'a str)]);

    impl Env for Several<'_> {
        fn get(&self, name: &str) -> Option<String> {
            self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn files_are_found_where_kubectl_docker_and_podman_look() {
        type Find = fn(&dyn Env) -> Vec<PathBuf>;
        let (kubeconfigs, logins): (Find, Find) = (kubeconfig_files, login_files);
        for (find, set, expected) in [
            (kubeconfigs, &[("KUBECONFIG", ":/a::b:"), ("HOME", "/h")][..], &["/a", "b"][..]),
            (kubeconfigs, &[("KUBECONFIG", ""), ("HOME", "/h")], &["/h/.kube/config"]),
            (kubeconfigs, &[("HOME", "h")], &[]),
            // docker's file counts before podman's.
            (logins, &[("HOME", "/h"), ("XDG_RUNTIME_DIR", "/r")], &["/h/.docker/config.json", "/r/containers/auth.json"]),
            (logins, &[("HOME", "/h"), ("DOCKER_CONFIG", "/d")], &["/d/config.json"]),
            (logins, &[("HOME", "/h"), ("XDG_RUNTIME_DIR", "/r"), ("REGISTRY_AUTH_FILE", "/f")], &["/f"]),
        ] {
            assert_eq!(find(&Several(set)), expected.iter().map(PathBuf::from).collect::<Vec<_>>(), "{set:?}");
        }
    }

    #[test]
    fn the_kubeconfig_of_a_node_is_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let [user, node, missing] = ["user", "node", "missing"].map(|name| folder.path().join(name));
        for path in [&user, &node] {
            #[expect(clippy::disallowed_methods, reason = "a test makes its files")]
            std::fs::write(path, "").unwrap();
        }
        for (of_user, of_node, expected) in [
            (Some(&user), &node, vec![&user]),
            (Some(&missing), &node, vec![&node]),
            (None, &node, vec![&node]),
            (Some(&missing), &missing, vec![&missing]),
            (None, &missing, vec![]),
        ] {
            let found = super::kubeconfig_of(of_user.cloned(), of_node.clone());
            assert_eq!(found.iter().collect::<Vec<_>>(), expected);
        }
    }
}
