;; Each of thirty components makes two instances of the one before: a billion in all.
(component
  (component $c0)
  (component $c1
    (alias outer 1 $c0 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c2
    (alias outer 1 $c1 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c3
    (alias outer 1 $c2 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c4
    (alias outer 1 $c3 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c5
    (alias outer 1 $c4 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c6
    (alias outer 1 $c5 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c7
    (alias outer 1 $c6 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c8
    (alias outer 1 $c7 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c9
    (alias outer 1 $c8 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c10
    (alias outer 1 $c9 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c11
    (alias outer 1 $c10 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c12
    (alias outer 1 $c11 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c13
    (alias outer 1 $c12 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c14
    (alias outer 1 $c13 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c15
    (alias outer 1 $c14 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c16
    (alias outer 1 $c15 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c17
    (alias outer 1 $c16 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c18
    (alias outer 1 $c17 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c19
    (alias outer 1 $c18 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c20
    (alias outer 1 $c19 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c21
    (alias outer 1 $c20 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c22
    (alias outer 1 $c21 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c23
    (alias outer 1 $c22 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c24
    (alias outer 1 $c23 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c25
    (alias outer 1 $c24 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c26
    (alias outer 1 $c25 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c27
    (alias outer 1 $c26 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c28
    (alias outer 1 $c27 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c29
    (alias outer 1 $c28 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (component $c30
    (alias outer 1 $c29 (component $inner))
    (instance (instantiate $inner))
    (instance (instantiate $inner)))
  (instance (instantiate $c30)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it has a nested component with an instance in it
;;   hint: if it was built from JavaScript, run it with --allow-nested
