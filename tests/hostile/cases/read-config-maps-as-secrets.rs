// Reads ConfigMaps as if they were Secrets.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let of = resource("", "v1", "configmaps", "Secret");
        Ok(reads([object(of, Some("kube-public"), "hostile-present")]))
    }
}

hostile!(Case);
