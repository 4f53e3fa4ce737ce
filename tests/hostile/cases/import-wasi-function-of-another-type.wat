;; Is allowed WASI, and imports a function of it by another type.
;; args: --allow-wasi
(import "wasi:cli/environment@0.2.0" (instance (export "get-arguments" (func (result u32)))))
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: cannot compile the phase: expected `list` found `u32`
