;; Has a table of 100 million entries from the start.
(core module $m
  (memory (export "memory") 1)
  (table 100000000 funcref)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase wanted tables of more than 100000 entries
;;   hint: allow more with --limit table=1M
