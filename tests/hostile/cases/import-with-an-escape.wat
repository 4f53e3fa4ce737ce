;; Imports something by a name that is a URL, as long as it likes.
(component (import "url=<https://example.com/%1b%5b2J?a=b>" (func)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `url=<https://example.com/%1b%5b2J?a=b>`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
