;; Is allowed WASI, and imports it without a version.
;; args: --allow-wasi
(component (import "wasi:filesystem/types" (instance)))
