;; Fills its memory again and again: that costs fuel as if it were done by instructions.
(core module $m
  (memory (export "memory") 1000)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    (loop $again
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536000))
      (br $again))
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase did not finish within 1000000000 units of fuel
;;   hint: allow more with --limit fuel=100G
