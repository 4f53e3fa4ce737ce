// Proposes a thousand operations that are all not allowed.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan((0..1_000).map(|i| create(config_map(&format!("other-{i}")), json!({})))))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create configmaps (ConfigMap) in kube-public named `other-0`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-1`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-2`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-3`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-4`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-5`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-6`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-7`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-8`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-9`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-10`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-11`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-12`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-13`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-14`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-15`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-16`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-17`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-18`: the phase does not declare it
//   create configmaps (ConfigMap) in kube-public named `other-19`: the phase does not declare it
//   and 980 more
