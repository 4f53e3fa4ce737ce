//! Shapes of servers' certificates and of authorities.

use super::Verdict::{self, Refused, Taken};
use super::peer::{Peer, is_authority, is_for, is_over, named, version_1};
use crate::recorder::Identity;
use rcgen::{
    BasicConstraints, CustomExtension, ExtendedKeyUsagePurpose as Usage, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, date_time_ymd,
};

/// A server, and who vouches for it.
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) authority: String,
    pub(super) identity: Identity,
    pub(super) flags: Vec<&'static str>,
    pub(super) verdict: Verdict,
}

#[derive(Default)]
struct Made(Vec<Server>);

impl Made {
    fn add(&mut self, name: &'static str, authority: String, identity: Identity, verdict: Verdict) {
        self.0.push(Server { name, authority, identity, flags: Vec::new(), verdict });
    }
}

/// All of them.
pub(super) fn servers() -> Vec<Server> {
    let ca = Peer::itself(is_authority);
    let mut made = Made::default();
    of_themselves(&mut made, &ca);
    unfit(&mut made, &ca);
    of_odd_authorities(&mut made);
    of_bounded_authorities(&mut made);
    in_chains(&mut made, &ca);
    of_names(&mut made, &ca);
    made.0
}

/// Certificates that are, or could be, authorities themselves.
fn of_themselves(made: &mut Made, ca: &Peer) {
    let plain = Peer::leaf(ca, |_| {});
    made.add("of_an_authority", ca.pem(), plain.served(&[]), Taken);
    made.add("that_is_its_own_authority", plain.pem(), plain.served(&[]), Taken);
    let own = Peer::itself(is_authority);
    made.add("that_signed_itself_as_an_authority", own.pem(), own.served(&[]), Taken);
    let own = Peer::itself(|_| {});
    made.add("that_signed_itself", own.pem(), own.served(&[]), Taken);
    made.add("that_is_an_authority_too", ca.pem(), Peer::leaf(ca, is_authority).served(&[]), Taken);
    let any = Peer::leaf(ca, |parameters| parameters.extended_key_usages = vec![Usage::Any]);
    made.add("for_any_use", ca.pem(), any.served(&[]), Taken);
    for (name, algorithm) in [("on_ed25519", &PKCS_ED25519), ("on_p384", &PKCS_ECDSA_P384_SHA384)] {
        let leaf = Peer::by(ca, KeyPair::generate_for(algorithm).unwrap(), |_| {});
        made.add(name, ca.pem(), leaf.served(&[]), Taken);
    }
}

/// Certificates that are not for this use, time or name.
fn unfit(made: &mut Made, ca: &Peer) {
    let client = Peer::leaf(ca, |parameters| parameters.extended_key_usages = vec![Usage::ClientAuth]);
    made.add("for_clients_only", ca.pem(), client.served(&[]), Refused("x509: "));
    made.add("for_clients_only_that_is_its_own_authority", client.pem(), client.served(&[]), Refused("incompatible key usage"));
    let old = Peer::leaf(ca, is_over);
    made.add("that_is_over", ca.pem(), old.served(&[]), Refused("has expired"));
    made.add("that_is_over_and_its_own_authority", old.pem(), old.served(&[]), Refused("has expired"));
    let later = Peer::leaf(ca, |parameters| parameters.not_before = date_time_ymd(2090, 1, 1));
    made.add("that_is_not_yet_valid", ca.pem(), later.served(&[]), Refused("not yet valid"));
    let elsewhere = Peer::leaf(ca, is_for("10.0.0.1"));
    made.add("with_another_address", ca.pem(), elsewhere.served(&[]), Refused("not 127.0.0.1"));
    made.add("with_another_address_that_is_its_own_authority", elsewhere.pem(), elsewhere.served(&[]), Refused("127.0.0.1"));
    let nameless = Peer::leaf(ca, |parameters| {
        parameters.subject_alt_names.clear();
        named(parameters, "127.0.0.1");
    });
    made.add("with_a_common_name_only", ca.pem(), nameless.served(&[]), Refused("x509: "));
    made.add("with_a_common_name_only_that_is_its_own_authority", nameless.pem(), nameless.served(&[]), Refused("x509: "));
    let first = Peer::leaf(ca, |_| {}).of_version_1(&ca.key);
    made.add("of_version_1", ca.pem(), first.served(&[]), Refused("x509: "));
    let critical = Peer::leaf(ca, |parameters| {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
        extension.set_criticality(true);
        parameters.custom_extensions = vec![extension];
    });
    made.add("with_an_unknown_critical_extension", ca.pem(), critical.served(&[]), Refused("x509: "));
    made.add(
        "with_an_unknown_critical_extension_that_is_its_own_authority",
        critical.pem(),
        critical.served(&[]),
        Refused("x509: "),
    );
}

/// Authorities that are old, over, or none.
fn of_odd_authorities(made: &mut Made) {
    let first = Peer::itself(is_authority);
    let first_der = version_1(&first.der, &first.key);
    let first = Peer { der: first_der, ..first };
    made.add("of_an_authority_of_version_1", first.pem(), Peer::leaf(&first, |_| {}).served(&[]), Taken);
    let old = Peer::itself(|parameters| {
        is_authority(parameters);
        is_over(parameters);
    });
    made.add("of_an_authority_that_is_over", old.pem(), Peer::leaf(&old, |_| {}).served(&[]), Refused("has expired"));
    made.add(
        "that_is_an_authority_and_of_one_that_is_over",
        old.pem(),
        Peer::leaf(&old, is_authority).served(&[]),
        Refused("has expired"),
    );
    let not_one = Peer::itself(|_| {});
    made.add("of_what_may_sign_nothing", not_one.pem(), Peer::leaf(&not_one, |_| {}).served(&[]), Refused("may not sign others"));
    let no_signer = Peer::itself(|parameters| {
        is_authority(parameters);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    });
    made.add(
        "of_an_authority_whose_key_signs_nothing",
        no_signer.pem(),
        Peer::leaf(&no_signer, |_| {}).served(&[]),
        Refused("may not sign others"),
    );
    made.add(
        "that_is_an_authority_and_of_one_whose_key_signs_nothing",
        no_signer.pem(),
        Peer::leaf(&no_signer, is_authority).served(&[]),
        Refused("x509: "),
    );
}

/// Authorities that vouch for a part of what there is.
fn of_bounded_authorities(made: &mut Made) {
    let for_clients = Peer::itself(|parameters| {
        is_authority(parameters);
        parameters.extended_key_usages = vec![Usage::ClientAuth];
    });
    made.add("of_an_authority_for_clients", for_clients.pem(), Peer::leaf(&for_clients, |_| {}).served(&[]), Refused("x509: "));
    let bounded = Peer::itself(|parameters| {
        is_authority(parameters);
        let elsewhere = GeneralSubtree::IpAddress(rcgen::CidrSubnet::from_addr_prefix("10.0.0.0".parse().unwrap(), 8));
        parameters.name_constraints =
            Some(NameConstraints { permitted_subtrees: vec![elsewhere], excluded_subtrees: Vec::new() });
    });
    made.add("of_an_authority_for_other_addresses", bounded.pem(), Peer::leaf(&bounded, |_| {}).served(&[]), Refused("x509: "));
    made.add(
        "that_is_an_authority_and_of_one_for_other_addresses",
        bounded.pem(),
        Peer::leaf(&bounded, is_authority).served(&[]),
        Refused("x509: "),
    );
    let lonely = Peer::itself(|parameters| parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    made.add("of_an_authority_that_allows_none_below", lonely.pem(), Peer::leaf(&lonely, |_| {}).served(&[]), Taken);
    made.add(
        "that_is_an_authority_and_of_one_that_allows_none_below",
        lonely.pem(),
        Peer::leaf(&lonely, is_authority).served(&[]),
        Taken,
    );
    let between = Peer::leaf(&lonely, |parameters| {
        is_authority(parameters);
        named(parameters, "between");
    });
    let below = Peer::leaf(&between, |_| {});
    made.add("with_one_between_below_an_authority_that_allows_none", lonely.pem(), below.served(&[&between]), Refused("x509: "));
}

/// Which of several authorities it was.
fn in_chains(made: &mut Made, ca: &Peer) {
    let plain = Peer::leaf(ca, |_| {});
    let other = Peer::itself(is_authority);
    made.add("of_another_authority_of_this_name", other.pem(), plain.served(&[]), Refused("unknown authority"));
    made.add(
        "that_is_an_authority_and_of_another_of_this_name",
        other.pem(),
        Peer::leaf(ca, is_authority).served(&[]),
        Refused("x509: "),
    );
    made.add("of_one_of_two_authorities", format!("old\n{}\nnew\n{}", other.pem(), ca.pem()), plain.served(&[]), Taken);
    let between = Peer::leaf(ca, |parameters| {
        is_authority(parameters);
        named(parameters, "between");
    });
    let below = Peer::leaf(&between, |_| {});
    made.add("with_one_between", ca.pem(), below.served(&[&between]), Taken);
    made.add("with_one_between_that_is_missing", ca.pem(), below.served(&[]), Refused("unknown authority"));
    made.add("of_one_between_that_is_the_authority", between.pem(), below.served(&[]), Taken);
    let not_between = Peer::leaf(ca, |parameters| named(parameters, "between"));
    made.add(
        "below_what_may_sign_nothing",
        ca.pem(),
        Peer::leaf(&not_between, |_| {}).served(&[&not_between]),
        Refused("x509: "),
    );
}

/// Names with a star.
fn of_names(made: &mut Made, ca: &Peer) {
    let wild = Peer::leaf(ca, is_for("*.example.com"));
    for (name, host, verdict) in [
        ("with_a_star", "api.example.com", Taken),
        ("with_a_star_for_two_labels", "a.b.example.com", Refused("not a.b.example.com")),
        ("with_a_star_for_none", "example.com", Refused("not example.com")),
    ] {
        let flags = vec!["--tls-server-name", host];
        made.0.push(Server { name, authority: ca.pem(), identity: wild.served(&[]), flags: flags.clone(), verdict });
    }
    let flags = vec!["--tls-server-name", "a.b.example.com"];
    let refused = Refused("a.b.example.com");
    made.0.push(Server {
        name: "with_a_star_that_is_its_own_authority",
        authority: wild.pem(),
        identity: wild.served(&[]),
        flags,
        verdict: refused,
    });
}
