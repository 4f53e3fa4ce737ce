;; Never ends when the host asks for room for its question.
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop $again (br $again)) unreachable)
  ;; A description: id, version, summary, one task, which is at 128: name, summary, parameters, no permissions.
  (data (i32.const 16) "\40\00\00\00\0c\00\00\00" "\50\00\00\00\05\00\00\00" "\58\00\00\00\06\00\00\00" "\80\00\00\00\01\00\00\00")
  (data (i32.const 64) "hostile.test")
  (data (i32.const 80) "0.1.0")
  (data (i32.const 88) "a test")
  (data (i32.const 128) "\a0\00\00\00\05\00\00\00" "\58\00\00\00\06\00\00\00" "\a8\00\00\00\02\00\00\00" "\00\00\00\00\00\00\00\00")
  (data (i32.const 160) "apply")
  (data (i32.const 168) "{}")
  (func (export "describe") (result i32) (i32.const 16))
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase did not finish within 1000000000 units of fuel
;;   hint: allow more with --limit fuel=100G
