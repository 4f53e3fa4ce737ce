module kubectl-bootstrap-token/tests/formats/schema

go 1.24

// The SARIF 2.1.0 schema of OASIS, as a string constant.
require github.com/owenrumney/go-sarif/v3 v3.3.1
