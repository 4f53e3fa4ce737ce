;; Calls an entry of a table that is empty.
(core module $m
  (memory (export "memory") 1)
  (type $f (func))
  (table 1 funcref)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    (call_indirect (type $f) (i32.const 0))
    (i32.const 0))
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase crashed: wasm trap: uninitialized element (in `describe`)
