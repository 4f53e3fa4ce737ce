;; Is allowed WASI, and imports an interface of it as a function.
;; args: --allow-wasi
(import "wasi:cli/environment@0.2.0" (func))
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: cannot compile the phase: expected function found instance
