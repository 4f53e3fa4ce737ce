// Is run with the grant of a phase of another name.
// grant: other-id
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {}

hostile!(Case);

// exit: 2
// error: the grant in `HERE/grants/other-id.yaml` is for `kubeadm.bootstrap-token`, not for `hostile.test`
