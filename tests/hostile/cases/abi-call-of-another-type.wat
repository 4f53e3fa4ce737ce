;; Calls a function as if it had another type.
(core module $m
  (memory (export "memory") 1)
  (type $f (func (param i64) (result i64)))
  (table funcref (elem $other))
  (func $other)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    (drop (call_indirect (type $f) (i64.const 0) (i32.const 0)))
    (i32.const 0))
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase crashed: wasm trap: indirect call type mismatch (in `describe`)
