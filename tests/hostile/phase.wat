;; The contract in wit/ as a component around the core instance `$main` of a case, which exports `memory`, `realloc`, `describe`,
;; `need`, `plan-for` and `post`. Types must have names to be in an exported function, so all are exported.
(component
  (type $api-resource-type (record
    (field "group" string) (field "version" string) (field "plural" string) (field "kind" string)))
  (export $api-resource "api-resource" (type $api-resource-type))
  (type $object-ref-type (record (field "of" $api-resource) (field "namespace" (option string)) (field "name" string)))
  (export $object-ref "object-ref" (type $object-ref-type))
  (type $list-ref-type (record
    (field "of" $api-resource) (field "namespace" (option string)) (field "label-selector" string)
    (field "field-selector" string)))
  (export $list-ref "list-ref" (type $list-ref-type))
  (type $selector-type (variant (case "one" $object-ref) (case "many" $list-ref)))
  (export $selector "selector" (type $selector-type))
  (type $access-type (enum "read" "create" "update" "delete" "revoke"))
  (export $access "access" (type $access-type))
  (type $permission-type (record
    (field "access" (list $access)) (field "of" $api-resource) (field "namespace" (option string))
    (field "names" (list string)) (field "reveal" (list string)) (field "reason" string)))
  (export $permission "permission" (type $permission-type))
  (type $task-type (record
    (field "name" string) (field "summary" string) (field "parameters" string) (field "permissions" (list $permission))))
  (export $task "task" (type $task-type))
  (type $description-type (record
    (field "id" string) (field "version" string) (field "summary" string) (field "tasks" (list $task))))
  (export $description "description" (type $description-type))
  (type $server-info-type (record
    (field "version" string) (field "url" string) (field "certificate-authority" string)
    (field "certificate-authority-pins" (list string))))
  (export $server-info "server-info" (type $server-info-type))
  (type $answer-type (record (field "to" $selector) (field "objects" (list string))))
  (export $answer "answer" (type $answer-type))
  (type $random-request-type (record
    (field "name" string) (field "alphabet" string) (field "length" u32) (field "secret" bool)))
  (export $random-request "random-request" (type $random-request-type))
  (type $random-value-type (record (field "name" string) (field "value" string)))
  (export $random-value "random-value" (type $random-value-type))
  (type $request-type (record
    (field "task" string) (field "parameters" string) (field "documents" (list string)) (field "now" string)
    (field "server" $server-info) (field "observed" (list $answer)) (field "random" (list $random-value))))
  (export $request "request" (type $request-type))
  (type $needs-type (record (field "reads" (list $selector)) (field "random" (list $random-request))))
  (export $needs "needs" (type $needs-type))
  (type $action-type (variant
    (case "create" string) (case "replace" string) (case "merge-patch" string) (case "apply" string) (case "delete")
    (case "keep")))
  (export $action "action" (type $action-type))
  (type $precondition-type (enum "absent" "as-observed" "any"))
  (export $precondition "precondition" (type $precondition-type))
  (type $operation-type (record
    (field "id" string) (field "target" $object-ref) (field "action" $action) (field "when" $precondition)
    (field "after" (list string)) (field "reason" string)))
  (export $operation "operation" (type $operation-type))
  (type $severity-type (enum "info" "low" "medium" "high" "critical"))
  (export $severity "severity" (type $severity-type))
  (type $finding-type (record
    (field "rule" string) (field "severity" $severity) (field "title" string) (field "detail" string)
    (field "target" (option $object-ref)) (field "remedy" (list string)) (field "references" (list string))))
  (export $finding "finding" (type $finding-type))
  (type $part-type (variant (case "text" string) (case "secret" string)))
  (export $part "part" (type $part-type))
  (type $moment-type (enum "before" "after"))
  (export $moment "moment" (type $moment-type))
  (type $output-type (record (field "name" string) (field "when" $moment) (field "value" (list $part))))
  (export $output "output" (type $output-type))
  (type $plan-type (record
    (field "operations" (list $operation)) (field "findings" (list $finding)) (field "notes" (list string))
    (field "outputs" (list $output))))
  (export $plan "plan" (type $plan-type))
  (type $problem-type (record (field "path" string) (field "message" string)))
  (export $problem "problem" (type $problem-type))
  (type $failure-type (variant (case "invalid-input" (list $problem)) (case "unsupported" string) (case "other" string)))
  (export $failure "failure" (type $failure-type))

  CASE

  (alias core export $main "memory" (core memory $memory))
  (alias core export $main "realloc" (core func $realloc))
  (alias core export $main "post" (core func $post))
  (alias core export $main "describe" (core func $describe-core))
  (alias core export $main "need" (core func $need-core))
  (alias core export $main "plan-for" (core func $plan-for-core))
  (func $describe (result $description)
    (canon lift (core func $describe-core) (memory $memory) (post-return $post)))
  (func $need (param "r" $request) (result (result $needs (error $failure)))
    (canon lift (core func $need-core) (memory $memory) (realloc $realloc) (post-return $post)))
  (func $plan-for (param "r" $request) (result (result $plan (error $failure)))
    (canon lift (core func $plan-for-core) (memory $memory) (realloc $realloc) (post-return $post)))
  (instance $phase
    (export "describe" (func $describe))
    (export "need" (func $need))
    (export "plan-for" (func $plan-for)))
  (instance $types)
  (export "kubephase:phase/types@0.1.0" (instance $types))
  (export "kubephase:phase/phase@0.1.0" (instance $phase))
)
