;; Grows a table without end.
(core module $m
  (memory (export "memory") 1)
  (table $t 1 funcref)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    (loop $again
      (drop (table.grow $t (ref.null func) (i32.const 10000)))
      (br $again))
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase wanted tables of more than 100000 entries
;;   hint: allow more with --limit table=1M
