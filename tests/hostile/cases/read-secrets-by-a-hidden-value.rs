// Asks which Secrets have a value that it may not see: each answer is a guess that was right or wrong.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let list = |fields: &str| ListRef {
            of: secrets(),
            namespace: Some("kube-system".to_owned()),
            label_selector: String::new(),
            field_selector: fields.to_owned(),
        };
        let fields = ["type=bootstrap.kubernetes.io/token,data.token-secret!=x", "data.token-secret=x", "stringData.a==b", "data=x"];
        Ok(Needs { reads: fields.map(|fields| Selector::Many(list(fields))).to_vec(), random: Vec::new() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets where `data.token-secret`: Secrets can only be selected by `metadata.name`, `metadata.namespace` and `type`
//   read secrets where `data`: Secrets can only be selected by `metadata.name`, `metadata.namespace` and `type`
//   read secrets where `stringData.a`: Secrets can only be selected by `metadata.name`, `metadata.namespace` and `type`
//   read secrets where `data.token-secret`: Secrets can only be selected by `metadata.name`, `metadata.namespace` and `type`
