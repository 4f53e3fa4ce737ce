;; Is allowed WASI, and imports a package whose name starts like it.
;; args: --allow-wasi
(component (import "wasi-evil:filesystem/types@0.2.0" (instance)))
