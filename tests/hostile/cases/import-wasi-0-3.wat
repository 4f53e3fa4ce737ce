;; Is allowed WASI, and imports another version of it.
;; args: --allow-wasi
(component (import "wasi:filesystem/types@0.3.0" (instance)))
