;; Has four gigabytes of memory from the start.
(core module $m
  (memory (export "memory") 65536)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase wanted more than 67108864 bytes of memory
;;   hint: allow more with --limit memory=512Mi
