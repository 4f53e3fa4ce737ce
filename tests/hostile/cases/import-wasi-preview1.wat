;; Is allowed WASI, and imports the WASI of core modules.
;; args: --allow-wasi
(component (import "wasi-snapshot-preview1" (instance (export "path-open" (func)))))
