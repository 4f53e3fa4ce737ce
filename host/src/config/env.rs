//! Every environment variable that we look at.

use super::error::ConfigError;
use kubephase_core::address::Address;
use kubephase_core::connection::{Environment, Kuberc};
use std::path::PathBuf;

/// The environment: the process's, or a test's.
pub trait Env {
    /// The value of a variable; none if it is unset or not Unicode.
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

/// Whether a terminal is asked for colours: not with `NO_COLOR` (no-color.org), and not if it is a dumb one.
pub fn has_colours(env: &dyn Env) -> bool {
    env.first(&["NO_COLOR"]).is_none() && env.get("TERM").is_none_or(|term| term != "dumb")
}

/// `KUBECONFIG`, a list of files; without it `~/.kube/config`.
pub(super) fn kubeconfig_files(env: &dyn Env) -> Vec<PathBuf> {
    match env.first(&["KUBECONFIG"]) {
        Some(list) => std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect(),
        None => home(env).map(|home| home.join(".kube/config")).into_iter().collect(),
    }
}

/// Our folder in `XDG_CACHE_HOME`, without it in `~/.cache`; none without a home.
pub(super) fn cache_folder(env: &dyn Env) -> Option<PathBuf> {
    let base = env.first(&["XDG_CACHE_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| home(env).map(|home| home.join(".cache")))?.join("kubectl-bootstrap-token"))
}

/// Our folder in `XDG_CONFIG_HOME`, without it in `~/.config`; none without a home.
pub(super) fn config_folder(env: &dyn Env) -> Option<PathBuf> {
    let base = env.first(&["XDG_CONFIG_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| home(env).map(|home| home.join(".config")))?.join("kubectl-bootstrap-token"))
}

/// Our folder in `XDG_STATE_HOME`, without it in `~/.local/state`; none without a home.
pub(super) fn state_folder(env: &dyn Env) -> Option<PathBuf> {
    let base = env.first(&["XDG_STATE_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| home(env).map(|home| home.join(".local/state")))?.join("kubectl-bootstrap-token"))
}

/// Our folder in `XDG_DATA_HOME`, without it in `~/.local/share`; none without a home.
pub(super) fn data_folder(env: &dyn Env) -> Option<PathBuf> {
    let base = env.first(&["XDG_DATA_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| home(env).map(|home| home.join(".local/share")))?.join("kubectl-bootstrap-token"))
}

/// The files in which docker and podman keep logins: the one of `REGISTRY_AUTH_FILE` alone, or docker's (`DOCKER_CONFIG`, `~/.docker`)
/// and podman's (`XDG_RUNTIME_DIR`).
pub(super) fn login_files(env: &dyn Env) -> Vec<PathBuf> {
    if let Some(file) = env.first(&["REGISTRY_AUTH_FILE"]) {
        return vec![PathBuf::from(file)];
    }
    let docker = env.first(&["DOCKER_CONFIG"]).map(PathBuf::from).or_else(|| Some(home(env)?.join(".docker")));
    let podman = env.first(&["XDG_RUNTIME_DIR"]).map(|folder| PathBuf::from(folder).join("containers/auth.json"));
    docker.map(|folder| folder.join("config.json")).into_iter().chain(podman).collect()
}

/// `--kuberc`, `KUBERC` or `~/.kube/kuberc`, unless it is turned off (`kubectl/pkg/kuberc`).
///
/// # Errors
/// [`ConfigError`] for a file that is named while `KUBERC=off`.
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

/// What the environment says about connections to API servers, as client-go reads it.
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
    }
}

/// `HTTPS_PROXY` and `NO_PROXY`.
pub(super) fn proxies(env: &dyn Env) -> (Option<String>, Option<String>) {
    (env.first(&["HTTPS_PROXY", "https_proxy"]), env.first(&["NO_PROXY", "no_proxy"]))
}

/// `KUBECTL_BOOTSTRAP_TOKEN_CONFIG`, without it `config.yaml` in our folder.
pub(super) fn config_file(env: &dyn Env) -> Option<PathBuf> {
    let given = env.first(&["KUBECTL_BOOTSTRAP_TOKEN_CONFIG"]).map(PathBuf::from);
    given.or_else(|| Some(config_folder(env)?.join("config.yaml")))
}

/// `HOME`, or `USERPROFILE` on Windows.
fn home(env: &dyn Env) -> Option<PathBuf> {
    env.first(&["HOME", "USERPROFILE"]).map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::{Env, has_colours};

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
            // An empty one says nothing.
            ("NO_COLOR", "", true),
        ] {
            assert_eq!(has_colours(&One(name, value)), expected, "{name}={value}");
        }
    }
}
