;; Answers with a list at an odd address.
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (data (i32.const 40) "\81\00\00\00\01\00\00\00")
  (func (export "describe") (result i32)
    (i32.const 16))
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase broke the contract: list pointer is not aligned
