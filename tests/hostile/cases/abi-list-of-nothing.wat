;; Answers with a million tasks that are all the same zeros.
(core module $m
  (memory (export "memory") 600)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (data (i32.const 40) "\80\00\00\00\40\42\0f\00")
  (func (export "describe") (result i32)
    (i32.const 16))
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase returned an answer of more than 16777216 bytes
;;   hint: allow more with --limit result=64Mi
