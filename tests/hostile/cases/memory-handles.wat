;; Makes handles of a resource of its own without end: they are in the memory of the host.
(core module $m
  (import "host" "new" (func $new (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    (loop $again
      (drop (call $new (i32.const 1)))
      (br $again))
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(type $resource (resource (rep i32)))
(core func $new (canon resource.new $resource))
(core instance $host (export "new" (func $new)))
(core instance $main (instantiate $m (with "host" (instance $host))))

;; exit: 2
;; error: the phase broke the contract: cannot allocate another handle: store handle limit exceeded
