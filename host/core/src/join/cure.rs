//! Shell commands that fix a problem, safe to paste on the right machine and on any other. Edited files are kept as a copy,
//! numbered if one exists, and never next to the manifests: the kubelet runs everything in their folder.

/// The command that creates another token and prints the join command.
pub(super) const ANOTHER: &str = "kubectl bootstrap-token create --print-join-command";
/// Waits for problems that resolve by themselves.
pub(super) const WAIT: &str = "kubectl bootstrap-token check --wait   # with the same arguments";
/// Repairs only the objects, where that is possible.
pub(super) const REPAIR: &str = "kubectl bootstrap-token apply --skip-token-print";
/// Repairs the objects, and prints a join command that matches.
pub(super) const REPAIR_AND_LINE: &str = "kubectl bootstrap-token apply   # then join with the line it prints";
/// Prints a join command with the endpoint that the cluster itself names.
pub(super) const RIGHT_LINE: &str = "kubectl bootstrap-token create --print-join-command   # with a kubeconfig of the cluster: a line with its \
                                     endpoint";
/// The machine to run it on.
const PLACE: &str = "   # on each control plane node set up by kubeadm";
/// The path that must be readable without authentication.
pub(super) const INFO_PATH: &str = "/api/v1/namespaces/kube-public/configmaps/cluster-info";

/// Edits the manifest of a component with a GNU sed script, which sees the file as one line.
fn edit(component: &str, script: &str) -> String {
    format!(
        "f=/etc/kubernetes/manifests/{component}.yaml; sudo cp -p --backup=numbered $f /etc/kubernetes/{component}.yaml.old && \
         sudo sed -i -z '{script}' $f{PLACE}"
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
    let by_flag = by_flag.trim_end_matches(PLACE);
    let block = format!("s|\\(anonymous: *\\n\\( *\\)enabled: *\\)false|\\1true\\n\\2conditions:\\n\\2- path: {INFO_PATH}|");
    let flow =
        format!("s|\\(anonymous\"*: *{{ *\"*enabled\"*: *\\)false|\\1true, \"conditions\": [{{\"path\": \"{INFO_PATH}\"}}]|");
    format!(
        "if sudo grep -q -- --anonymous-auth=false /etc/kubernetes/manifests/kube-apiserver.yaml; then {by_flag}; else {}; fi{PLACE}",
        edit_file(&format!("{block}; {flow}"))
    )
}

/// Makes kube-apiserver answer anonymous requests for cluster-info, as it does for other paths.
pub(super) fn anonymous_path() -> String {
    let block = format!("s|\\(conditions: *\\n\\)\\( *\\)- |\\1\\2- path: {INFO_PATH}\\n\\2- |");
    let flow = format!("s|\\(conditions\"*: *\\[\\)|\\1{{\"path\": \"{INFO_PATH}\"}}, |");
    format!("{}{PLACE}", edit_file(&format!("{block}; {flow}")))
}

/// Edits the configuration file of kube-apiserver with a GNU sed script. kube-apiserver reads it at startup and is restarted, but
/// only if the path is now in the file: YAML has more ways to write a list than the script knows.
fn edit_file(script: &str) -> String {
    format!(
        "f=$(sudo sed -n 's|.*--authentication-config=\\([^ \"]*\\).*|\\1|p' /etc/kubernetes/manifests/kube-apiserver.yaml) && \
         sudo cp -p --backup=numbered \"$f\" \"$f.old\" && sudo sed -i -z '{script}' \"$f\" && sudo grep -F {INFO_PATH} \"$f\" && \
         sudo crictl stop $(sudo crictl ps -q --name kube-apiserver)"
    )
}

/// A new certificate for the API server with all its names and one more. The old one is replaced once the new one exists.
pub(super) fn further_name(host: &str) -> String {
    format!(
        "p=/etc/kubernetes/pki; names=$(sudo openssl x509 -in $p/apiserver.crt -noout -ext subjectAltName | \
         grep -oE '(DNS|IP Address):[^, ]+' | cut -d: -f2- | paste -sd, -) && d=$(sudo mktemp -d) && \
         sudo cp $p/ca.crt $p/ca.key \"$d\" && \
         sudo kubeadm init phase certs apiserver --cert-dir \"$d\" --apiserver-cert-extra-sans \"$names,{host}\" && \
         sudo cp -p --backup=numbered \"$d/apiserver.crt\" \"$d/apiserver.key\" $p/ && sudo rm -r \"$d\"{PLACE}"
    )
}

/// Renews the same certificate.
pub(super) fn renewed() -> String {
    format!("sudo kubeadm certs renew apiserver{PLACE}")
}

/// The Role and RoleBinding in kube-system that let joining nodes read a ConfigMap. Anything else in them is kept.
pub(super) fn readable(object: &str, map: &str, group: &str) -> String {
    let apply = "--dry-run=client -o yaml | kubectl auth reconcile -f -";
    format!(
        "kubectl create role {object} -n kube-system --verb=get --resource=configmaps --resource-name={map} {apply} && \
         kubectl create rolebinding {object} -n kube-system --role={object} --group={group} --group=system:nodes {apply}"
    )
}

/// Generates the kubelet configuration from the cluster configuration.
pub(super) const KUBELET_CONFIG: &str = "f=$(mktemp) && kubectl get configmap kubeadm-config -n kube-system -o jsonpath={.data.ClusterConfiguration} > \"$f\" && \
     sudo kubeadm init phase upload-config kubelet --config \"$f\"   # on a control plane node";
/// Uploads the cluster configuration, which exists nowhere else.
pub(super) const CLUSTER_CONFIG: &str = "sudo kubeadm init phase upload-config all --config kubeadm.yaml   # on a control \
 plane node, with the file passed to `kubeadm init`";
