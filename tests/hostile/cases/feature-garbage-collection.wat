;; Uses objects that the engine would have to collect.
(core module $m
  (memory (export "memory") 1)
  (type $s (struct (field i32)))
  (func (drop (struct.new_default $s)))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase is refused
;;   caused by: it is not a valid WebAssembly component: struct indexed types not supported without the gc feature (at offset 0x…)
