;; Imports a component by its digest, for the host to fetch.
(component (import "locked-dep=<a:b@1.0.0>,integrity=<sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=>" (component)))
