//! Shell commands that fix a problem, safe to paste on the right machine and on any other. Each step is a line, and what is not a command
//! is a comment line before it. Edited files are kept as a copy, numbered if one exists, and never next to the manifests: the kubelet runs
//! everything in their folder.

use super::command::Endpoint;

/// How to call this plugin and kubectl for the same cluster: with the flags that chose it, or a pasted cure would change another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CureFlags {
    /// The flags for this plugin, quoted for a shell.
    pub plugin: String,
    /// The flags for kubectl, quoted for a shell.
    pub kubectl: String,
}

impl CureFlags {
    fn plugin(&self, arguments: &str) -> String {
        joined("kubectl bootstrap-token", &self.plugin, arguments)
    }

    /// A kubectl command.
    pub(super) fn kubectl(&self, arguments: &str) -> String {
        joined("kubectl", &self.kubectl, arguments)
    }

    /// Creates another token and prints the join command.
    pub(super) fn another(&self) -> String {
        self.plugin("create --print-join-command")
    }

    /// The same where no kubeconfig is.
    pub(super) fn another_elsewhere(&self) -> String {
        format!("# with a kubeconfig of the cluster\n{}", self.another())
    }

    /// Repairs the objects, and creates no token.
    pub(super) fn repair(&self) -> String {
        self.plugin("apply --no-token")
    }

    /// The same, and cluster-info names this endpoint.
    pub(super) fn repair_for(&self, endpoint: &str) -> String {
        self.plugin(&format!("apply --no-token --control-plane-endpoint {endpoint}"))
    }

    /// Repairs the objects, and prints a join command that matches.
    pub(super) fn repair_and_line(&self) -> String {
        format!("{}\n{}", self.repair(), self.another())
    }

    /// Prints a join command with the endpoint that the cluster itself names.
    pub(super) fn right_line(&self) -> String {
        format!("# with a kubeconfig of the cluster: it prints a line with its endpoint\n{}", self.another())
    }

    /// Checks a token with a kubeconfig of the cluster, which tells the causes apart.
    pub(super) fn check(&self, id: &str) -> String {
        format!("# with a kubeconfig of the cluster, to find out which\n{}", self.plugin(&format!("check {id}")))
    }

    /// Waits for a problem that resolves by itself.
    pub(super) fn wait(&self, id: &str, endpoint: &Endpoint) -> String {
        self.plugin(&format!("check {id} --wait --control-plane-endpoint {endpoint}"))
    }

    /// Lists the tokens.
    pub(super) fn list(&self) -> String {
        self.plugin("list")
    }

    /// The Role and RoleBinding in kube-system that let joining nodes read a ConfigMap. Anything else in them is kept.
    pub(super) fn readable(&self, object: &str, map: &str, group: &str) -> String {
        let made = |arguments: &str| {
            let create = self.kubectl(&format!("create {arguments} --dry-run=client -o yaml"));
            format!("{create} | {}", self.kubectl("auth reconcile -f -"))
        };
        let role = made(&format!("role {object} -n kube-system --verb=get --resource=configmaps --resource-name={map}"));
        let binding = made(&format!("rolebinding {object} -n kube-system --role={object} --group={group} --group=system:nodes"));
        format!("{role} &&\n{binding}")
    }

    /// Generates the kubelet configuration from the cluster configuration.
    pub(super) fn kubelet_config(&self) -> String {
        let map = self.kubectl("get configmap kubeadm-config -n kube-system -o jsonpath={.data.ClusterConfiguration}");
        format!(
            "# on a control plane node\nf=$(mktemp) && {map} > \"$f\" &&\nsudo kubeadm init phase upload-config kubelet --config \"$f\""
        )
    }
}

fn joined(program: &str, flags: &str, arguments: &str) -> String {
    let space = if flags.is_empty() { "" } else { " " };
    format!("{program} {arguments}{space}{flags}")
}

/// Where to run it.
const PLACE: &str = "# on each control plane node set up by kubeadm\n";
/// The path that must be readable without authentication.
pub(super) const INFO_PATH: &str = "/api/v1/namespaces/kube-public/configmaps/cluster-info";

/// Edits the manifest of a component with a GNU sed script, which sees the file as one line.
fn edit(component: &str, script: &str) -> String {
    format!(
        "{PLACE}f=/etc/kubernetes/manifests/{component}.yaml; \
         sudo cp -p --backup=numbered $f /etc/kubernetes/{component}.yaml.old &&\nsudo sed -i -z '{script}' $f"
    )
}

/// The part of a script that adds a flag if it is missing.
fn default(component: &str, flag: &str, value: &str) -> String {
    format!("/--{flag}=/!s|\\n\\( *- \\){component}\\n|&\\1--{flag}={value}\\n|")
}

/// Makes kube-controller-manager run controllers. The first entry for a controller decides, so they are put first.
pub(super) fn controllers(names: &str) -> String {
    let component = "kube-controller-manager";
    edit(component, &format!("{}; s|--controllers=|&{names},|", default(component, "controllers", "*")))
}

/// The same for the signing controller, which also needs a signing key.
pub(super) fn signing_controller() -> String {
    let component = "kube-controller-manager";
    let [certificate, key] = [("cert", "crt"), ("key", "key")]
        .map(|(flag, end)| default(component, &format!("cluster-signing-{flag}-file"), &format!("/etc/kubernetes/pki/ca.{end}")));
    let list = default(component, "controllers", "*");
    edit(component, &format!("{list}; {certificate}; {key}; s|--controllers=|&csrsigning,|"))
}

/// Makes kube-controller-manager sign with the cluster's certificate authority.
pub(super) fn signing_authority() -> String {
    let set =
        |flag: &str, end: &str| format!("s|\\(--cluster-signing-{flag}-file=\\)[^ \\n\"]*|\\1/etc/kubernetes/pki/ca.{end}|");
    edit("kube-controller-manager", &format!("{}; {}", set("cert", "crt"), set("key", "key")))
}

/// Makes kube-apiserver accept bootstrap tokens.
pub(super) fn bootstrap_tokens() -> String {
    let flag = "enable-bootstrap-token-auth";
    edit("kube-apiserver", &format!("{}; s|--{flag}=[a-z]*|--{flag}=true|", default("kube-apiserver", flag, "true")))
}

/// Makes kube-apiserver answer anonymous requests: by default if a flag forbids it, and only for cluster-info if a file does.
pub(super) fn anonymous() -> String {
    let by_flag = edit("kube-apiserver", "s|\\n *- \"*--anonymous-auth=false\"*||");
    let by_flag = by_flag.trim_start_matches(PLACE);
    let block = format!("s|\\(anonymous: *\\n\\( *\\)enabled: *\\)false|\\1true\\n\\2conditions:\\n\\2- path: {INFO_PATH}|");
    let flow =
        format!("s|\\(anonymous\"*: *{{ *\"*enabled\"*: *\\)false|\\1true, \"conditions\": [{{\"path\": \"{INFO_PATH}\"}}]|");
    format!(
        "{PLACE}if sudo grep -q -- --anonymous-auth=false /etc/kubernetes/manifests/kube-apiserver.yaml; then\n{by_flag}\nelse\n{}\nfi",
        edit_file(&format!("{block}; {flow}"))
    )
}

/// Makes kube-apiserver answer anonymous requests for cluster-info, as it does for other paths.
pub(super) fn anonymous_path() -> String {
    let block = format!("s|\\(conditions: *\\n\\)\\( *\\)- |\\1\\2- path: {INFO_PATH}\\n\\2- |");
    let flow = format!("s|\\(conditions\"*: *\\[\\)|\\1{{\"path\": \"{INFO_PATH}\"}}, |");
    format!("{PLACE}{}", edit_file(&format!("{block}; {flow}")))
}

/// Edits the configuration file of kube-apiserver with a GNU sed script. kube-apiserver reads it at startup and is restarted, but
/// only if the path is now in the file: YAML has more ways to write a list than the script knows.
fn edit_file(script: &str) -> String {
    format!(
        "f=$(sudo sed -n 's|.*--authentication-config=\\([^ \"]*\\).*|\\1|p' /etc/kubernetes/manifests/kube-apiserver.yaml) && \
         sudo cp -p --backup=numbered \"$f\" \"$f.old\" &&\nsudo sed -i -z '{script}' \"$f\" && sudo grep -F {INFO_PATH} \"$f\" &&\n\
         sudo crictl stop $(sudo crictl ps -q --name kube-apiserver)"
    )
}

/// A new certificate for the API server with all its names and one more. The old one is replaced once the new one exists.
pub(super) fn further_name(host: &str) -> String {
    format!(
        "{PLACE}p=/etc/kubernetes/pki; names=$(sudo openssl x509 -in $p/apiserver.crt -noout -ext subjectAltName | \
         grep -oE '(DNS|IP Address):[^, ]+' | cut -d: -f2- | paste -sd, -) &&\nd=$(sudo mktemp -d) && \
         sudo cp $p/ca.crt $p/ca.key \"$d\" &&\n\
         sudo kubeadm init phase certs apiserver --cert-dir \"$d\" --apiserver-cert-extra-sans \"$names,{host}\" &&\n\
         sudo cp -p --backup=numbered \"$d/apiserver.crt\" \"$d/apiserver.key\" $p/ && sudo rm -r \"$d\""
    )
}

/// Renews the same certificate.
pub(super) fn renewed() -> String {
    format!("{PLACE}sudo kubeadm certs renew apiserver")
}

/// Uploads the cluster configuration, which exists nowhere else.
pub(super) const CLUSTER_CONFIG: &str = "# on a control plane node, in the folder of the file that was passed to `kubeadm init`\nsudo kubeadm init phase \
     upload-config all --config kubeadm.yaml";
