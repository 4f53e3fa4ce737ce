// The phase `example.contract`: uses every type and case of the contract 0.1.0. The same phase in other languages is beside it.

const MAPS = { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" };
const SECRETS = { group: "", version: "v1", plural: "secrets", kind: "Secret" };
const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" };
const BINDINGS = { ...RBAC, plural: "rolebindings", kind: "RoleBinding" };
const CLUSTER_BINDINGS = { ...RBAC, plural: "clusterrolebindings", kind: "ClusterRoleBinding" };

export const phase = {
  describe() {
    const permission = (access, of, namespace, name, reveal, reason) => ({
      access, of, namespace, names: [name], reveal, reason,
    });
    const apply = [
      permission(["read", "create", "update", "delete"], MAPS, "kube-public", "contract-*", [], "one for each action"),
      permission(["read", "create"], SECRETS, "kube-system", "bootstrap-token-*", ["token-id"], "creates a token"),
      permission(["read", "revoke"], CLUSTER_BINDINGS, undefined, "*", [], "takes subjects away"),
    ];
    const audit = [
      permission(["read"], CLUSTER_BINDINGS, undefined, "*", [], "finds them"),
      permission(["read"], BINDINGS, "*", "*", [], "finds them, too"),
    ];
    const task = (name, summary, permissions) => ({ name, summary, parameters: '{"type":"object"}', permissions });
    return {
      id: "example.contract",
      version: "0.1.0",
      summary: "use every type of the contract",
      tasks: [task("apply", "propose every action", apply), task("audit", "find every severity", audit)],
    };
  },

  need(request) {
    const many = (of, namespace, labelSelector, fieldSelector) => ({
      tag: "many", val: { of, namespace, labelSelector, fieldSelector },
    });
    const all = many(CLUSTER_BINDINGS, undefined, "", "");
    if (request.task === "audit") {
      return { reads: [all, many(BINDINGS, undefined, "", "")], random: [] };
    }
    const reads = [
      { tag: "one", val: map("contract-kept") },
      many(MAPS, "kube-public", "part=contract", "metadata.name!=contract-other"),
      all,
    ];
    // Known in the second round.
    const next = objects(request, "ConfigMap").find(({ data }) => data?.next)?.data.next;
    if (next) {
      reads.push({ tag: "one", val: map(next) });
    }
    const random = (name, length, secret) => ({ name, alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", length, secret });
    return { reads, random: [random("id", 6, false), random("secret", 16, true)] };
  },

  planFor(request) {
    const parameters = JSON.parse(request.parameters);
    switch (parameters.refuse) {
      case "invalid-input":
        throw {
          tag: "invalid-input",
          val: [{ path: "refuse", message: "is set" }, { path: "documents[0].kind", message: "is not known" }],
        };
      case "unsupported":
        throw { tag: "unsupported", val: "version `v9` is not supported" };
      case "other":
        throw { tag: "other", val: "something else" };
    }
    const notes = notesOf(request, parameters);
    if (request.task === "audit") {
      return { operations: [], findings: findings(request), notes, outputs: [] };
    }
    const { id, secret } = token(request, parameters);
    const text = (val) => ({ tag: "text", val });
    return {
      operations: [...operations(request, parameters), creation(id, secret)],
      findings: [finding("contract-cure", "low", undefined, ["create", "token"])],
      notes,
      outputs: [
        { name: "first", when: "before", value: [text("before the first operation")] },
        { name: "last", when: "after", value: [text(id), text("."), { tag: "secret", val: secret }] },
      ],
    };
  },
};

// What the request says, line by line.
function notesOf({ now, server, documents, observed, random }, parameters) {
  const pins = server.certificateAuthorityPins.join(",");
  const place = ({ group, version, plural, kind }, namespace) =>
    `${group} ${version} ${plural} ${kind} ${namespace ?? "none"}`;
  const selector = ({ tag, val }) =>
    tag === "one"
      ? `one: ${place(val.of, val.namespace)} ${val.name}`
      : `many: ${place(val.of, val.namespace)} ${val.labelSelector} ${val.fieldSelector}`;
  return [
    `now: ${now}`,
    `endpoint: ${parameters.endpoint ?? ""}`,
    `server: ${server.version} ${server.url} ${server.certificateAuthority.length} ${pins}`,
    ...documents.map((text) => `document: ${JSON.parse(text).kind}`),
    ...observed.map(({ to, objects }) => `${selector(to)}: ${objects.map((text) => JSON.parse(text).metadata.name).join(",")}`),
    // The secret one is the id of a handle, which is the host's business.
    ...random.map(({ name, value }) => (name === "secret" ? "secret: drawn" : `${name}: ${value}`)),
  ];
}

function operations(request, parameters) {
  const data = { endpoint: parameters.endpoint ?? "", now: request.now };
  const body = (name) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: "kube-public", labels: { part: "contract" } },
      data,
    });
  const operation = (id, target, action, when, after) => ({ id, target, action, when, after, reason: `to ${id}` });
  const actions = {
    "contract-kept": [{ tag: "keep" }, []],
    "contract-replaced": [{ tag: "replace", val: body("contract-replaced") }, ["create"]],
    "contract-patched": [{ tag: "merge-patch", val: JSON.stringify({ data }) }, ["create", "contract-replaced"]],
    "contract-deleted": [{ tag: "delete" }, []],
  };
  const maps = objects(request, "ConfigMap").map(({ metadata }) => metadata.name).filter((name) => name in actions);
  const revoked = { tag: "merge-patch", val: '{"subjects":[]}' };
  return [
    operation("create", map("contract-new"), { tag: "create", val: body("contract-new") }, "absent", []),
    ...maps.map((name) => operation(name, map(name), actions[name][0], "as-observed", actions[name][1])),
    operation("apply", map("contract-applied"), { tag: "apply", val: body("contract-applied") }, "any", []),
    ...objects(request, "ClusterRoleBinding").map(({ metadata: { name } }) =>
      operation("revoke", { of: CLUSTER_BINDINGS, namespace: undefined, name }, revoked, "as-observed", []),
    ),
  ];
}

// The token of the parameters, else the drawn one: its id, and the id of the handle of its secret.
function token({ random }, { token }) {
  if (token?.id && token?.secret?.$secret) {
    return { id: token.id, secret: token.secret.$secret };
  }
  return Object.fromEntries(random.map(({ name, value }) => [name, value]));
}

function creation(id, secret) {
  const name = `bootstrap-token-${id}`;
  const body = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    data: { "token-secret": { $secret: secret } },
    stringData: { "token-id": id },
  };
  return {
    id: "token",
    target: { of: SECRETS, namespace: "kube-system", name },
    action: { tag: "create", val: JSON.stringify(body) },
    when: "absent",
    after: ["create"],
    reason: "to create a token",
  };
}

function findings(request) {
  const first = (of, namespace) => {
    const [object] = objects(request, of.kind);
    return object && { of, namespace, name: object.metadata.name };
  };
  return [
    finding("contract-info", "info", undefined, []),
    finding("contract-low", "low", undefined, []),
    finding("contract-medium", "medium", undefined, []),
    finding("contract-high", "high", first(BINDINGS, "kube-public"), []),
    finding("contract-critical", "critical", first(CLUSTER_BINDINGS, undefined), []),
  ];
}

function finding(rule, severity, target, remedy) {
  return {
    rule,
    severity,
    title: `rule \`${rule}\``,
    detail: "quotes: \"'`; other letters: äöü, 名前, 🦀",
    target,
    remedy,
    references: ["https://example.com/a", "https://example.com/b"],
  };
}

// All observed objects of a kind; one that was found twice is one.
function objects({ observed }, kind) {
  const texts = new Set(observed.flatMap(({ objects }) => objects));
  return [...texts].map((text) => JSON.parse(text)).filter((object) => object.kind === kind);
}

function map(name) {
  return { of: MAPS, namespace: "kube-public", name };
}
