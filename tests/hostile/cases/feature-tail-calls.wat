;; Uses tail calls.
(core module $m
  (memory (export "memory") 1)
  (func $f (return_call $f))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase is refused
;;   caused by: it is not a valid WebAssembly component: tail calls support is not enabled (at offset 0x…)
