//! What is typed to mend something: safe to paste, where it belongs and anywhere else. What is edited is kept as a copy, with a number if
//! there is one already, and never beside the manifests: the kubelet runs whatever is in their folder.

/// The command that makes another token, and prints what to type with it.
pub(super) const ANOTHER: &str = "kubectl bootstrap-token create --print-join-command";
/// Looks until what comes by itself has come.
pub(super) const WAIT: &str = "kubectl bootstrap-token check --wait   # and the same arguments";
/// The objects alone, as far as that is possible.
pub(super) const REPAIR: &str = "kubectl bootstrap-token apply --skip-token-print";
/// The objects, and a line that goes with them.
pub(super) const REPAIR_AND_LINE: &str = "kubectl bootstrap-token apply   # and join with the line that it prints";
/// A line with the endpoint that the cluster itself names.
pub(super) const RIGHT_LINE: &str = "kubectl bootstrap-token create --print-join-command   # with a kubeconfig of the cluster: a line with its \
                                     endpoint";
/// Where it is typed.
const PLACE: &str = "   # on each control plane node that kubeadm made";
/// The path that anybody must be let in for.
pub(super) const INFO_PATH: &str = "/api/v1/namespaces/kube-public/configmaps/cluster-info";

/// Edits the manifest of a component by a script for GNU sed, which sees the file as one line.
fn edit(component: &str, script: &str) -> String {
    format!(
        "f=/etc/kubernetes/manifests/{component}.yaml; sudo cp -p --backup=numbered $f /etc/kubernetes/{component}.yaml.old && \
         sudo sed -i -z '{script}' $f{PLACE}"
    )
}

/// The part of a script that adds a flag where there is none of that name.
fn default(component: &str, flag: &str, value: &str) -> String {
    format!("/--{flag}=/!s|\\n\\( *- \\){component}\\n|&\\1--{flag}={value}\\n|")
}

/// Has kube-controller-manager run controllers. The first of a list that names one decides, so they come first.
pub(super) fn controllers(names: &str) -> String {
    let component = "kube-controller-manager";
    edit(component, &format!("{}; s|--controllers=|&{names},|", default(component, "controllers", "*")))
}

/// The same for the controller that signs, which also needs something to sign with.
pub(super) fn signing_controller() -> String {
    let component = "kube-controller-manager";
    let [certificate, key] = [("cert", "crt"), ("key", "key")]
        .map(|(flag, end)| default(component, &format!("cluster-signing-{flag}-file"), &format!("/etc/kubernetes/pki/ca.{end}")));
    let list = default(component, "controllers", "*");
    edit(component, &format!("{list}; {certificate}; {key}; s|--controllers=|&csrsigning,|"))
}

/// Has kube-controller-manager sign with the authority of the cluster.
pub(super) fn signing_authority() -> String {
    let set =
        |flag: &str, end: &str| format!("s|\\(--cluster-signing-{flag}-file=\\)[^ \\n\"]*|\\1/etc/kubernetes/pki/ca.{end}|");
    edit("kube-controller-manager", &format!("{}; {}", set("cert", "crt"), set("key", "key")))
}

/// Has kube-apiserver take bootstrap tokens.
pub(super) fn bootstrap_tokens() -> String {
    let flag = "enable-bootstrap-token-auth";
    edit("kube-apiserver", &format!("{}; s|--{flag}=[a-z]*|--{flag}=true|", default("kube-apiserver", flag, "true")))
}

/// Has kube-apiserver answer without a login: as by default if a flag forbids it, and for cluster-info alone if a file does.
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

/// Has kube-apiserver answer for cluster-info without a login, as it does for other paths.
pub(super) fn anonymous_path() -> String {
    let block = format!("s|\\(conditions: *\\n\\)\\( *\\)- |\\1\\2- path: {INFO_PATH}\\n\\2- |");
    let flow = format!("s|\\(conditions\"*: *\\[\\)|\\1{{\"path\": \"{INFO_PATH}\"}}, |");
    format!("{}{PLACE}", edit_file(&format!("{block}; {flow}")))
}

/// Edits the file that kube-apiserver is told of by a script for GNU sed. It is read when kube-apiserver starts, so that is done again, but
/// only if the path has come into the file: lists are written in more ways than the script knows.
fn edit_file(script: &str) -> String {
    format!(
        "f=$(sudo sed -n 's|.*--authentication-config=\\([^ \"]*\\).*|\\1|p' /etc/kubernetes/manifests/kube-apiserver.yaml) && \
         sudo cp -p --backup=numbered \"$f\" \"$f.old\" && sudo sed -i -z '{script}' \"$f\" && sudo grep -F {INFO_PATH} \"$f\" && \
         sudo crictl stop $(sudo crictl ps -q --name kube-apiserver)"
    )
}

/// A new certificate for the API server, with one more name and all that it has. The old one is replaced once the new one is there.
pub(super) fn further_name(host: &str) -> String {
    format!(
        "p=/etc/kubernetes/pki; names=$(sudo openssl x509 -in $p/apiserver.crt -noout -ext subjectAltName | \
         grep -oE '(DNS|IP Address):[^, ]+' | cut -d: -f2- | paste -sd, -) && d=$(sudo mktemp -d) && \
         sudo cp $p/ca.crt $p/ca.key \"$d\" && \
         sudo kubeadm init phase certs apiserver --cert-dir \"$d\" --apiserver-cert-extra-sans \"$names,{host}\" && \
         sudo cp -p --backup=numbered \"$d/apiserver.crt\" \"$d/apiserver.key\" $p/ && sudo rm -r \"$d\"{PLACE}"
    )
}

/// The same certificate with a new time.
pub(super) fn renewed() -> String {
    format!("sudo kubeadm certs renew apiserver{PLACE}")
}

/// The Role and the RoleBinding in kube-system that let the nodes to come read a ConfigMap. What is more in them stays.
pub(super) fn readable(object: &str, map: &str, group: &str) -> String {
    let apply = "--dry-run=client -o yaml | kubectl auth reconcile -f -";
    format!(
        "kubectl create role {object} -n kube-system --verb=get --resource=configmaps --resource-name={map} {apply} && \
         kubectl create rolebinding {object} -n kube-system --role={object} --group={group} --group=system:nodes {apply}"
    )
}

/// The configuration of kubelets, made of that of the cluster.
pub(super) const KUBELET_CONFIG: &str = "f=$(mktemp) && kubectl get configmap kubeadm-config -n kube-system -o jsonpath={.data.ClusterConfiguration} > \"$f\" && \
     sudo kubeadm init phase upload-config kubelet --config \"$f\"   # on a control plane node";
/// The configuration of the cluster, which nobody else has.
pub(super) const CLUSTER_CONFIG: &str = "sudo kubeadm init phase upload-config all --config kubeadm.yaml   # on a control plane node, with the \
                                         file that `kubeadm init` was given";
