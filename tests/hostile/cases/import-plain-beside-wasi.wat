;; Is allowed WASI, and imports a function without a package.
;; args: --allow-wasi
(component (import "exec" (func (param "command" string))))
