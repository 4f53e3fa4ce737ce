;; Never ends before the first question, in the start function of its module.
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32))
  (func $start (loop $again (br $again)))
  (start $start))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase did not finish within 1000000000 units of fuel
;;   hint: allow more with --limit fuel=100G
