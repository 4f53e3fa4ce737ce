;; Uses memory that threads share.
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0)))))
(core instance $main (instantiate $m))

;; exit: 2
;; error: the phase is refused
;;   caused by: it is not a valid WebAssembly component: threads must be enabled for shared memories (at offset 0x…)
