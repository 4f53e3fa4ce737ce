;; Imports a component by its digest, for the host to fetch.
(component (import "locked-dep=<a:b@1.0.0>,integrity=<sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=>" (component)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `locked-dep=<a:b@1.0.0>,integrity=<sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=>`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
