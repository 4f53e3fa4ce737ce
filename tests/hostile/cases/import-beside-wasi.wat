;; Is allowed WASI, and imports something else.
;; args: --allow-wasi
(component (import "kubephase:phase/host@0.1.0" (instance (export "exec" (func (param "c" string))))))
