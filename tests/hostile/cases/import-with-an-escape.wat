;; Imports something by a name that is a URL, as long as it likes.
(component (import "url=<https://example.com/%1b%5b2J?a=b>" (func)))
