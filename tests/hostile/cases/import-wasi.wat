;; Imports files, without permission.
(component (import "wasi:filesystem/preopens@0.2.0" (instance)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `wasi:filesystem/preopens@0.2.0`, but WASI is not allowed
;;   hint: build it without WASI, as examples/phases does, or run it with --allow-wasi
