//! Which artifacts are phases and which are not.

use super::{LIMIT, built, claim, component, manifest};
use crate::artifact::layout::Manifest;
use kubephase_core::reference::Reference;
use serde_json::{Value, json};

fn reference() -> Reference {
    Reference::parse("h.io/x:1").unwrap()
}

#[test]
fn the_same_component_is_the_same_artifact() {
    assert_eq!(built().digest, built().digest);
    assert_eq!(manifest().claim(&reference(), &built().config).unwrap(), Some(claim()));
    let config: Value = serde_json::from_slice(&built().config).unwrap();
    let said = ["created", "architecture", "os"].map(|key| config[key].as_str().unwrap());
    assert_eq!(said, ["1970-01-01T00:00:00Z", "wasm", "wasip2"]);
}

#[test]
fn other_artifacts_are_refused() {
    let layer = |kind: &str| json!({ "mediaType": kind, "digest": manifest().layer.0.digest, "size": 8 });
    for (pointer, value, expected) in [
        ("/schemaVersion", json!(1), "its manifest cannot be read: its schemaVersion is 1"),
        ("/config", json!(null), "its manifest cannot be read: it has no config"),
        (
            "/config/mediaType",
            json!("application/vnd.oci.image.config.v1+json"),
            "its config has the type `application/vnd.oci.image.config.v1+json`",
        ),
        ("/config/digest", json!("sha256:../x"), "`sha256:../x` is not a digest"),
        ("/layers", json!([]), "it has 0 layers instead of one"),
        ("/layers", json!([layer("application/wasm"), layer("application/wasm")]), "it has 2 layers"),
        ("/layers/0/mediaType", json!("application/vnd.oci.image.layer.v1.tar"), "its layer has the type `application/vnd.oci"),
        ("/layers/0/digest", json!("md5:0"), "`md5:0` is not a digest"),
        ("/layers/0/size", json!(-1), "its manifest cannot be read"),
    ] {
        let mut changed: Value = serde_json::from_slice(&built().manifest).unwrap();
        *changed.pointer_mut(pointer).unwrap() = value;
        let said = Manifest::read(&reference(), changed.to_string().as_bytes(), LIMIT).unwrap_err().to_string();
        let said = said.strip_prefix("`h.io/x:1` is not a phase: ").unwrap_or(&said);
        assert!(said.starts_with(expected), "{said}");
    }
    let index = json!({ "schemaVersion": 2, "manifests": [layer("x"), layer("x")] }).to_string();
    let said = Manifest::read(&reference(), index.as_bytes(), LIMIT).unwrap_err().to_string();
    assert!(said.ends_with("it is an index of 2 manifests, not one artifact"), "{said}");
}

#[test]
fn what_is_too_large_is_refused_before_it_is_fetched() {
    for (pointer, size, expected) in [("/layers/0/size", LIMIT + 1, "component"), ("/config/size", (1 << 20) + 1, "config")] {
        let mut changed: Value = serde_json::from_slice(&built().manifest).unwrap();
        *changed.pointer_mut(pointer).unwrap() = json!(size);
        let said = Manifest::read(&reference(), changed.to_string().as_bytes(), LIMIT).unwrap_err().to_string();
        assert_eq!(said, format!("the {expected} has more than 1048576 bytes"));
    }
}

#[test]
fn configs_that_lie_are_refused_and_others_left_alone() {
    let digest = &manifest().layer.0.digest;
    for (config, expected) in [
        (json!({}), Ok(None)),
        (json!({ "os": "wasip2", "layerDigests": [digest], "author": "x" }), Ok(None)),
        // A claim of an unknown version is not understood, and so not shown.
        (json!({ "bootstrap-token.kubectl/phase": { "apiVersion": "bootstrap-token.kubectl/v9", "x": 1 } }), Ok(None)),
        (json!({ "os": "wasip1" }), Err("it is a core WebAssembly module, not a component")),
        (json!({ "layerDigests": [] }), Err("its config belongs to another component")),
        (json!({ "layerDigests": ["sha256:0"] }), Err("its config belongs to another component")),
        (json!([1]), Err("its config cannot be read")),
        (
            json!({ "bootstrap-token.kubectl/phase": { "apiVersion": "bootstrap-token.kubectl/v1alpha1" } }),
            Err("its config cannot be read: missing field"),
        ),
    ] {
        let found = manifest().claim(&reference(), config.to_string().as_bytes()).map_err(|error| error.to_string());
        match (&found, &expected) {
            (Err(said), Err(expected)) => assert!(said.contains(expected), "{said}"),
            _ => assert_eq!(found, expected.map_err(str::to_owned), "{config}"),
        }
    }
}

#[test]
fn only_a_component_is_one() {
    assert!(Manifest::check_header(&reference(), &component()).is_ok());
    for (bytes, expected) in [
        (&b"\0asm\x01\0\0\0"[..], "it is a core WebAssembly module"),
        (b"\0asm", "its layer is not a WebAssembly component"),
        (b"#!/bin/sh", "its layer is not a WebAssembly component"),
        (b"", "its layer is not a WebAssembly component"),
    ] {
        let said = Manifest::check_header(&reference(), bytes).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    }
}
