;; Is allowed WASI, and imports a part of it that does not exist.
;; args: --allow-wasi
(component (import "wasi:exec/process@0.2.0" (instance)))
