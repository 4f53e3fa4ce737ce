;; Has its memory in more modules than one.
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "describe") (result i32)
    unreachable)
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core module $more (memory 100))
(core instance $main (instantiate $m))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))
(core instance (instantiate $more))

;; exit: 2
;; error: the phase wanted more than 67108864 bytes of memory
;;   hint: allow more with --limit memory=512Mi
