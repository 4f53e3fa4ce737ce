;; Is allowed WASI, and imports HTTP.
;; args: --allow-wasi
(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))
